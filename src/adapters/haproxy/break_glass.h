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
// new traffic, and these come before all else, then the files: a balancer that hangs costs the others a
// second, and never what a reload reads. Lines that begin with # say what comes. `names`: of these balancers alone; none: of
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

// Parts of such lines: socat to the stats socket, and to the master's.
std::string socat(const migration::Balancer& balancer);
std::string socat_to_master(const migration::Balancer& balancer);
// `loop` is run for each worker that a reload left behind, with its pid in $pid.
std::string for_each_old_worker(const std::string& socat_line, const std::string& loop);

}  // namespace hal9::haproxy
