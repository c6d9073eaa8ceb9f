// Requests over HTTP by libcurl, one after the other on kept connections.
//
// Invariants: http and https alone; no redirect is followed, no proxy and no password file is looked
// at; the other side's certificate is verified; an answer is at most 1 MiB; all requests together have
// one deadline. A token goes out where it is asked for, and stands in no error.
// One Exchange belongs to one thread.
#pragma once

#include "base/result.h"

#include <chrono>
#include <memory>
#include <string>

namespace hal9::http {

struct Ask {
  std::string method = "GET";
  std::string url;
  std::string body;          // sent where content_type is given
  std::string content_type;  // empty: no body
  bool with_token = false;
};

// What every request has in common.
struct Manner {
  std::string ca_file;                   // empty: the system's authorities
  std::string token_header;              // name of the header
  std::string token;                     // its whole value; empty: none is sent
  std::chrono::milliseconds time{5000};  // for all requests, from the Exchange's beginning
};

class Exchange {
 public:
  explicit Exchange(Manner manner);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // The body of an answer of 200 to 299. `most` bounds the time of this one. Errors: unreachable
  // (and why), failed (another status, with the answer's first bytes), damaged (too long).
  Result<std::string> ask(const Ask& ask, std::chrono::milliseconds most);
  Result<std::string> ask(const Ask& ask);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hal9::http
