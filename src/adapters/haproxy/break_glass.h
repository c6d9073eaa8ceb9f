// The emergency as shell lines, for the night when this program is not there.
#pragma once

#include "migration/configuration.h"
#include "migration/route.h"

#include <span>
#include <string>
#include <vector>

namespace hal9::haproxy {

// Lines for a POSIX shell with socat, awk and sed: kill switch, maint, shares and mirrors to 0, what
// a reload left behind where the master is known, map files of this machine, and the look at it. Each
// stands alone, may be pasted alone and repeated; the first one of each balancer is enough to stop
// new traffic. Lines that begin with # say what comes. `names`: of these balancers alone; none: of
// all.
std::vector<std::string> break_glass_lines(
    const migration::HaproxySettings& settings, const std::vector<std::string>& names
);
// The same of some routes, by their own kill keys: servers stay up, and nothing but these is touched.
std::vector<std::string> break_glass_lines(
    const migration::HaproxySettings& settings,
    const std::vector<std::string>& names,
    std::span<const migration::Route> routes
);

}  // namespace hal9::haproxy
