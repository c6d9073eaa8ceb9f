#include "confirmation.h"

#include "base/result.h"
#include "context.h"

#include <string>

namespace hal9::tools {

bool Confirmation::operator()(const std::string& what) {
  if (context_.line().has("yes")) return true;
  if (context_.terminal().can_ask()) return context_.terminal().ask(what + ": go on?");
  refusal_ = Error{
      Code::usage,
      "forward needs a yes, and there is no terminal to ask at",
      what,
      "nothing was changed",
      context_.line().with("yes")
  };
  return false;
}

}  // namespace hal9::tools
