// What a person sees: marks, colours, errors. Colour only on a terminal and without NO_COLOR; off a
// terminal nothing but text, no escape codes and no carriage returns.
//
// Text from ledgers, routers and people passes escape_terminal before it is printed; functions here
// do that for what they are given. A closed stdout or stderr never stops anything: an emergency
// goes on without anybody listening. One a process, one thread.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace hal9::tools {

enum class Mark : std::uint8_t { done, warning, failed, neutral };

class Terminal {
 public:
  struct Settings {
    bool out_is_terminal = false;
    bool err_is_terminal = false;
    bool in_is_terminal = false;
    bool colour = false;      // wanted; taken only where it is a terminal
    bool result_out = false;  // stdout carries a result for a machine: people read stderr
  };
  Terminal(std::FILE* out, std::FILE* err, Settings settings);
  // Of this process; NO_COLOR is read here.
  static Terminal of_process(bool no_color, bool result_out);

  // A line for a person; escaped.
  void say(std::string_view text);
  // "✓ text", with the mark's colour.
  void say(Mark mark, std::string_view text);
  // Onto stderr whatever stdout is for.
  void warn(std::string_view text);
  // "hal9-migrate: what" and why, state, next, a line each.
  void say(const Error& error);
  // Everything that is said waits for nobody: a terminal that was stopped (Ctrl-S) or a reader that
  // has fallen asleep must not stop a rollback. flush() waits; it comes when all is done.
  void flush();
  // Bytes as they are: for what was escaped already, and for control sequences on a terminal.
  void raw(std::string_view text);

  // Where say() goes is a terminal: progress may be drawn over.
  [[nodiscard]] bool live() const;
  [[nodiscard]] bool colour() const { return settings_.colour && live(); }
  [[nodiscard]] bool out_is_terminal() const { return settings_.out_is_terminal; }
  // Whether somebody can be asked.
  [[nodiscard]] bool can_ask() const;
  // Asks for y or n; anything but a yes is a no.
  bool ask(std::string_view question);

  // The mark as text, coloured if `colour`.
  static std::string marked(Mark mark, std::string_view text, bool colour);

 private:
  void put(std::FILE* file, std::string_view text);
  [[nodiscard]] std::FILE* person() const { return settings_.result_out ? err_ : out_; }

  std::FILE* out_;
  std::FILE* err_;
  Settings settings_;
  std::string waiting_out_, waiting_err_;
};

}  // namespace hal9::tools
