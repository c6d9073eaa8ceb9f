#include "adapters/exec/exec_router.h"

#include "adapters/exec/caller.h"
#include "adapters/exec/codec_protocol.h"
#include "base/escape.h"
#include "base/result.h"
#include "base/share.h"
#include "engine/router.h"
#include "migration/amounts.h"
#include "migration/configuration.h"
#include "migration/route.h"
#include "migration/server.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace hal9::exec {

namespace {

using engine::Capabilities;
using engine::Toward;
using migration::FeatureAmount;
using migration::Route;
using migration::RouteAmount;
using std::chrono::milliseconds;

bool is_zero(const std::optional<Share>& share) {
  return share.value_or(Share::none()) == Share::none();
}

// What a request may hold of an amount: a router that cannot mirror is asked nothing of mirrors.
RouteAmount without_mirror(RouteAmount amount) {
  amount.mirror.reset();
  return amount;
}

class ExecRouter final : public engine::Router {
 public:
  ExecRouter(const migration::Configuration& configuration, Program program)
      : caller_(std::move(program), configuration.ledger),
        routes_(migration::routes_of(configuration)),
        features_(configuration.features) {}

  // By `describe`, once, where nothing was read yet: in an emergency that is never asked. A program
  // that cannot say it is taken to be able to do everything: what then refuses is its own error.
  [[nodiscard]] Capabilities capabilities() const override {
    if (!described_ && !shows_) described_ = describe();
    if (described_ && *described_) return (*described_)->can;
    if (shows_) return shows_->can;
    return {.moves_traffic = true, .mirrors = true, .features = true, .halts = true};
  }
  [[nodiscard]] std::string description() const override { return caller_.program().description; }
  [[nodiscard]] milliseconds cut_time() const override {
    return std::max(Router::cut_time(), 2 * caller_.program().timeout);
  }

  Result<engine::Reading> read() override { return read_routes({}, caller_.program().timeout); }

  Result<void> prove_writable() override {
    if (auto able = able_to_rise(); !able) return able;
    return done(kProve);
  }

  Result<std::vector<RouteAmount>> set_traffic(std::span<const RouteAmount> routes, Toward toward)
      override {
    std::vector<RouteAmount> wanted(routes.begin(), routes.end());
    if (toward == Toward::hierarchical) {
      if (auto able = able_to_rise(); !able) return pass_on(able);
      if (auto able = able_to_mirror(wanted); !able) return pass_on(able);
    } else if (auto lowered = lower_to_what_is_there(wanted); !lowered) {
      return pass_on(lowered);
    }
    if (auto sent = send(wanted, toward); !sent) return pass_on(sent);
    return read_back(routes);
  }

  Result<std::vector<FeatureAmount>> set_features(std::span<const FeatureAmount> features
  ) override {
    std::vector<FeatureAmount> observed(features.begin(), features.end());
    if (!capabilities().features) {
      const bool down = std::ranges::all_of(observed, [](const FeatureAmount& one) {
        return one.percentage == Share::none();
      });
      if (down) return observed;  // there is nothing that could be up
      return cannot("set features");
    }
    Request request;
    request.operation = kSet;
    for (const FeatureAmount& one : features) {
      request.features.push_back({one.feature, one.percentage});
    }
    if (auto set = done(request); !set) return pass_on(set);
    auto reading = read();
    if (!reading) return pass_on(reading);
    for (FeatureAmount& one : observed) {
      const auto seen = std::ranges::find(reading->features, one.feature, &FeatureAmount::feature);
      if (seen == reading->features.end()) return cannot("show the feature " + one.feature.text());
      one.percentage = seen->percentage;
    }
    return observed;
  }

  engine::CutReport cut(milliseconds deadline) override;
  engine::EndedSessions end_sessions(std::span<const std::string> unreachable) override;
  Result<void> clear_halt(std::span<const migration::Server> servers) override;

  [[nodiscard]] std::vector<std::string> break_glass() const override {
    return caller_.program().break_glass;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> cannot(const std::string& what) const {
    return fail(
        Code::conflict,
        caller_.name() + " cannot " + what,
        "it says so itself, in its answer to describe",
        "nothing was changed",
        "hal9-migrate traffic --verify"
    );
  }

  [[nodiscard]] Request about_all(const char* operation) const {
    Request request;
    request.operation = operation;
    for (const Route& route : routes_) request.routes.push_back({route, {}, {}});
    for (const Name& feature : features_) request.features.push_back({feature, {}});
    return request;
  }

  Result<Description> describe() const {
    const auto answer = call(about_all(kDescribe), caller_.program().timeout);
    if (!answer) return tl::unexpected<Error>(answer.error());
    auto description = decode_description(*answer);
    if (!description) return caller_.nonsense(kDescribe, description.error());
    return description;
  }

  Result<std::string> call(Request request, milliseconds most) const {
    request.settings = caller_.program().settings;
    return caller_.call(request, most);
  }
  Result<void> done(const Request& request) const {
    const auto answer = call(request, caller_.program().timeout);
    if (!answer) return tl::unexpected<Error>(answer.error());
    if (auto read = decode_done(*answer); !read) {
      return caller_.nonsense(request.operation, read.error());
    }
    return {};
  }
  Result<void> done(const char* operation) const { return done(about_all(operation)); }

  // The configured routes, and `more` that were taken out of the configuration.
  Result<engine::Reading> read_routes(std::span<const RouteAmount> more, milliseconds most) {
    Request request = about_all(kRead);
    for (const RouteAmount& amount : more) {
      if (std::ranges::find(routes_, amount.route) != routes_.end()) continue;
      request.routes.push_back({amount.route, {}, {}});
    }
    const auto answer = call(request, most);
    if (!answer) return tl::unexpected<Error>(answer.error());
    auto shown = decode_reading(*answer, request);
    if (!shown) return caller_.nonsense(kRead, shown.error());
    if (described_ && *described_ && !(**described_ == shown->shows)) {
      return caller_.nonsense(
          kRead, {Code::damaged, {}, "it does not fit its own description", {}, {}}
      );
    }
    shows_ = shown->shows;
    return std::move(shown->reading);
  }

  // Before anything goes up the program has to have said what it is.
  Result<void> able_to_rise() const {
    if (auto ours = caller_.is_ours(); !ours) return ours;
    if (!described_) described_ = describe();
    if (!*described_) return tl::unexpected<Error>(described_->error());
    return {};
  }
  Result<void> able_to_mirror(std::vector<RouteAmount>& wanted) const {
    if (capabilities().mirrors) return {};
    const bool some = std::ranges::any_of(wanted, [](const RouteAmount& amount) {
      return !is_zero(amount.mirror);
    });
    if (some) return cannot("mirror requests");
    std::ranges::transform(wanted, wanted.begin(), without_mirror);
    return {};
  }

  Result<void> lower_to_what_is_there(std::vector<RouteAmount>& wanted);

  Result<void> send(const std::vector<RouteAmount>& wanted, Toward toward) const {
    Request request;
    request.operation = kSet;
    request.toward = toward;
    std::ranges::copy_if(wanted, std::back_inserter(request.routes), [](const RouteAmount& amount) {
      return amount.share || amount.mirror;
    });
    if (request.routes.empty()) return {};
    return done(request);
  }

  // What a program says that some of its parts show otherwise is observed by nobody.
  [[nodiscard]] Result<void> is_everywhere(const engine::Reading& reading) const {
    if (reading.disagree.empty()) return {};
    return fail(
        Code::failed,
        "not observed everywhere: " + escape_terminal(reading.disagree.front()),
        caller_.name() + " read says so",
        "it was set; whether it holds is unknown until it is read back",
        "hal9-migrate traffic --verify"
    );
  }
  Result<std::vector<RouteAmount>> read_back(std::span<const RouteAmount> asked) {
    auto reading = read_routes(asked, caller_.program().timeout);
    if (!reading) return pass_on(reading);
    if (auto agreed = is_everywhere(*reading); !agreed) return pass_on(agreed);
    std::vector<RouteAmount> observed;
    for (const RouteAmount& amount : asked) {
      const auto seen =
          std::ranges::find(reading->routes, amount.route, &engine::RouteReading::route);
      RouteAmount one{amount.route, {}, {}};
      if (amount.share) one.share = seen->share;
      if (amount.mirror) one.mirror = seen->mirror;
      observed.push_back(std::move(one));
    }
    return observed;
  }

  Caller caller_;
  std::vector<Route> routes_;
  std::vector<Name> features_;
  mutable std::optional<Result<Description>> described_;
  std::optional<Description> shows_;  // as the newest reading has it
};

// Each value becomes the minimum of what is read and what is asked; what is low enough is not sent.
// Where it cannot be read, zero is what cannot raise anything.
Result<void> ExecRouter::lower_to_what_is_there(std::vector<RouteAmount>& wanted) {
  auto reading = read_routes(wanted, caller_.program().timeout);
  if (!reading) {
    const bool all_zero = std::ranges::all_of(wanted, [](const RouteAmount& amount) {
      return is_zero(amount.share) && is_zero(amount.mirror);
    });
    if (all_zero) return {};
    return pass_on(reading);
  }
  const auto lower = [](std::optional<Share>& asked, Share now) {
    if (asked && *asked >= now) asked.reset();
  };
  for (RouteAmount& amount : wanted) {
    const auto seen =
        std::ranges::find(reading->routes, amount.route, &engine::RouteReading::route);
    lower(amount.share, seen->share);
    lower(amount.mirror, seen->mirror);
  }
  return {};
}

engine::CutReport ExecRouter::cut(milliseconds deadline) {
  engine::CutReport report;
  Request request = about_all(kCut);
  for (RouteAmount& amount : request.routes) amount.share = amount.mirror = Share::none();
  const auto say = [&](const Error& error) {
    report.problems.push_back(error.what + (error.why.empty() ? "" : ": " + error.why));
  };
  const auto answer = call(request, deadline / 2);
  if (!answer) {
    say(answer.error());
  } else if (auto before = decode_cut(*answer, request)) {
    report.before = std::move(*before);
  } else {
    say(caller_.nonsense(kCut, before.error()).value());
  }
  auto reading = read_routes({}, deadline / 2);
  if (!reading) {
    say(reading.error());
    report.unreachable = {caller_.name()};
    if (reading.error().code != Code::unreachable) report.refused = report.unreachable;
    return report;
  }
  if (auto agreed = is_everywhere(*reading); !agreed) {
    say(agreed.error());
    return report;
  }
  report.halted = reading->halted;
  report.sessions_left = reading->hierarchical.sessions > 0;
  for (const auto& route : reading->routes) {
    report.observed.push_back({route.route, route.share, route.mirror});
  }
  return report;
}

engine::EndedSessions ExecRouter::end_sessions(std::span<const std::string> unreachable) {
  engine::EndedSessions ended;
  if (std::ranges::find(unreachable, caller_.name()) != unreachable.end()) return ended;
  const auto answer = call(about_all(kEndSessions), caller_.program().timeout);
  const auto count = answer ? decode_ended(*answer) : Result<std::uint64_t>(0U);
  if (!answer) ended.problems.push_back(answer.error().what + ": sessions may live on");
  if (!count) {
    ended.problems.push_back(caller_.nonsense(kEndSessions, count.error()).value().what);
  }
  if (count) ended.count = *count;
  return ended;
}

Result<void> ExecRouter::clear_halt(std::span<const migration::Server> /*servers*/) {
  if (auto able = able_to_rise(); !able) return able;
  if (!capabilities().halts) return {};
  if (auto cleared = done(kClearHalt); !cleared) return cleared;
  auto reading = read();
  if (!reading) return pass_on(reading);
  if (!reading->halted) return {};
  return fail(
      Code::failed,
      caller_.name() + " still shows its kill switch as on",
      "it was told to clear the halt, and answered that it had",
      "no share behind it has an effect",
      "hal9-migrate traffic --verify"
  );
}

// The program itself, with what cut() would hand it, and a look. Each line stands alone: where its folder
// is gone it runs nowhere else, and it may be pasted as it was printed, indented.
std::vector<std::string> lines_without_us(
    const migration::Configuration& configuration,
    const std::vector<std::string>& command,
    const std::filesystem::path& folder
) {
  const std::string there = folder.empty() ? "" : "cd " + escape_shell(folder.string()) + " && ";
  std::string program;
  for (const std::string& argument : command) program += escape_shell(argument) + " ";
  Request request;
  for (const Route& route : migration::routes_of(configuration)) {
    request.routes.push_back({route, Share::none(), Share::none()});
  }
  for (const Name& feature : configuration.features) request.features.push_back({feature, {}});
  std::vector<std::string> lines{"# the program that moves traffic, by hand: everything to flat"};
  const auto add = [&](const char* operation) {
    request.operation = operation;
    std::string json = encode_request(request);
    json.pop_back();  // its newline
    lines.push_back(
        fmt::format("{}printf '%s\\n' {} | {}{}", there, escape_shell(json), program, operation)
    );
  };
  add(kCut);
  for (RouteAmount& amount : request.routes) {
    amount.share.reset();
    amount.mirror.reset();
  }
  lines.emplace_back("# look: every share has to be 0");
  add(kRead);
  return lines;
}

}  // namespace

std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration, Program program
) {
  return std::make_unique<ExecRouter>(configuration, std::move(program));
}

std::unique_ptr<engine::Router> make_router(
    const migration::Configuration& configuration, const std::filesystem::path& folder
) {
  const migration::ExecSettings settings = configuration.exec.value_or(migration::ExecSettings{});
  Program program;
  program.command = settings.command;
  program.timeout = std::chrono::ceil<milliseconds>(settings.timeout);
  program.description = fmt::format("exec ({})", escape_shell(settings.command.front()));
  program.break_glass = lines_without_us(configuration, settings.command, folder);
  program.folder = folder;
  program.named = true;
  return make_router(configuration, std::move(program));
}

}  // namespace hal9::exec
