// Views as the engine hands them over, the lines of what is said of them, and what is printed.
#pragma once

#include "base/name.h"
#include "base/share.h"
#include "engine/views.h"
#include "migration/route.h"
#include "terminal.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace hal9::tools {

// What `print` writes to a Terminal of these looks, read back from a file.
template <class Print>
std::string printed_by(Terminal::Settings settings, const Print& print) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  if (!file) return "there is no temporary file";
  Terminal terminal(file.get(), file.get(), settings);
  print(terminal);
  std::string text(static_cast<std::size_t>(std::ftell(file.get())), '\0');
  if (std::fseek(file.get(), 0, SEEK_SET) != 0) return "it cannot be read again";
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return text;
}

inline engine::RouteView route_view(const std::string& component, std::uint32_t hundredths) {
  engine::RouteView view;
  view.route = {*Name::parse("eu-west-1"), *Name::parse(component)};
  const Share share = Share::of_hundredths(hundredths);
  view.share = {share, share, share};
  return view;
}

inline engine::TrafficView traffic(std::uint32_t low, std::uint32_t high) {
  engine::TrafficView view;
  view.where = {"hal9.db", "payments", "haproxy (1 balancer)", "none"};
  view.observed = true;
  view.hierarchical_low = Share::of_hundredths(low);
  view.hierarchical_high = Share::of_hundredths(high);
  view.routes = {route_view("cognitive", low), route_view("protocol", high)};
  return view;
}

inline engine::StatusView status(const std::string& phase) {
  engine::StatusView view;
  view.where = {"hal9.db", "payments", "ledger-only (moves nothing)", "none"};
  view.phase = phase;
  view.routes = {route_view("cognitive", 500), route_view("protocol", 500)};
  return view;
}

inline std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

inline std::string last_line(const std::string& text) {
  const auto begin = text.rfind('\n', text.size() - 2);
  return text.substr(begin + 1, text.size() - begin - 2);
}

}  // namespace hal9::tools
