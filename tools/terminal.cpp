#include "terminal.h"

#include "base/escape.h"
#include "base/result.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

namespace hal9::tools {

namespace {

// As much as a pipe takes without blocking once poll() has called it writable (PIPE_BUF).
constexpr std::size_t kPiece = 4096;

bool writable(std::FILE* file) {
  pollfd one{};
  one.fd = ::fileno(file);
  one.events = POLLOUT;
  // Somebody who is gone (an error) is written to once more and then is no reason to wait.
  return one.fd < 0 || ::poll(&one, 1, 0) != 0;
}

void drain(std::FILE* file, std::string& waiting, bool wait) {
  while (!waiting.empty() && (wait || writable(file))) {
    const std::size_t piece = std::min(waiting.size(), kPiece);
    // A reader that is gone (EPIPE) is no reason to stop: traffic matters more than its description.
    std::ignore = std::fwrite(waiting.data(), 1, piece, file);
    std::ignore = std::fflush(file);
    waiting.erase(0, piece);
  }
}

std::string_view sign(Mark mark) {
  switch (mark) {
    case Mark::done:
      return "✓";
    case Mark::warning:
      return "!";
    case Mark::failed:
      return "✗";
    case Mark::neutral:
      return "-";
  }
  return "";
}

std::string_view colour_of(Mark mark) {
  switch (mark) {
    case Mark::done:
      return "\x1b[32m";
    case Mark::warning:
      return "\x1b[33m";
    case Mark::failed:
      return "\x1b[31m";
    case Mark::neutral:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

Terminal::Terminal(std::FILE* out, std::FILE* err, Settings settings)
    : out_(out), err_(err), settings_(settings) {}

Terminal Terminal::of_process(bool no_color, bool result_out) {
  const char* variable = std::getenv("NO_COLOR");
  Settings settings;
  settings.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  settings.err_is_terminal = isatty(STDERR_FILENO) == 1;
  settings.in_is_terminal = isatty(STDIN_FILENO) == 1;
  settings.colour = !no_color && (variable == nullptr || *variable == '\0');
  settings.result_out = result_out;
  return {stdout, stderr, settings};
}

void Terminal::put(std::FILE* file, std::string_view text) {
  std::string& waiting = file == err_ ? waiting_err_ : waiting_out_;
  waiting += text;
  drain(file, waiting, false);
}

void Terminal::flush() {
  drain(out_, waiting_out_, true);
  drain(err_, waiting_err_, true);
}

void Terminal::say(std::string_view text) {
  put(person(), escape_terminal(text, true) + "\n");
}

void Terminal::say(Mark mark, std::string_view text) {
  put(person(), marked(mark, escape_terminal(text, true), colour()) + "\n");
}

void Terminal::warn(std::string_view text) {
  const bool colour = settings_.colour && settings_.err_is_terminal;
  put(err_, marked(Mark::warning, escape_terminal(text, true), colour) + "\n");
}

void Terminal::say(const Error& error) {
  const bool colour = settings_.colour && settings_.err_is_terminal;
  std::string text = "hal9-migrate: " + marked(Mark::failed, escape_terminal(error.what), colour);
  text += "\n";
  if (!error.why.empty()) text += "  why: " + escape_terminal(error.why) + "\n";
  if (!error.state.empty()) text += "  state: " + escape_terminal(error.state) + "\n";
  if (!error.next.empty()) text += "  next: " + escape_terminal(error.next) + "\n";
  put(err_, text);
  flush();
}

void Terminal::raw(std::string_view text) {
  put(person(), text);
}

bool Terminal::live() const {
  return settings_.result_out ? settings_.err_is_terminal : settings_.out_is_terminal;
}

bool Terminal::can_ask() const {
  return settings_.in_is_terminal && live();
}

bool Terminal::ask(std::string_view question) {
  put(person(), escape_terminal(question) + " [y/N] ");
  flush();
  // Nothing is begun while the question stands: Ctrl-C ends the process here and now.
  const auto interrupt = std::signal(SIGINT, SIG_DFL);
  const auto terminate = std::signal(SIGTERM, SIG_DFL);
  char answer[16] = {};
  const bool answered = std::fgets(answer, sizeof answer, stdin) != nullptr;
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, terminate);
  if (!answered) {
    put(person(), "\n");
    return false;
  }
  const std::string_view typed(answer);
  return typed == "y\n" || typed == "Y\n" || typed == "yes\n" || typed == "YES\n";
}

std::string Terminal::marked(Mark mark, std::string_view text, bool colour) {
  std::string line;
  if (colour) line += colour_of(mark);
  line += sign(mark);
  if (colour) line += "\x1b[0m";
  line += " ";
  line += text;
  return line;
}

}  // namespace hal9::tools
