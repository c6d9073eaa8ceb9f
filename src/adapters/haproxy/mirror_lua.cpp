#include "adapters/haproxy/mirror_lua.h"

#include <string>
#include <string_view>

namespace hal9::haproxy {
namespace {

constexpr std::string_view kBefore =
    R"lua(-- Copies of requests to the hierarchical system, sent without waiting for them: nothing that
-- happens here changes an answer. Loaded by `lua-load` (one state for all threads).
-- Counters: echo "hal9 mirror" | socat - UNIX-CONNECT:<stats socket>
local entry = "http://)lua";

constexpr std::string_view kAfter = R"lua("
local max_in_flight = 200   -- more are dropped and counted
local max_body = 8192       -- Lua sees only the first 15 KB of a body: larger ones are not copied
local time_limit = 1000     -- milliseconds

local in_flight, sent, ok, failed, dropped, not_copied = 0, 0, 0, 0, 0, 0

-- Belongs to one connection, or is written anew.
local own = {
  ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["keep-alive"] = true,
  ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true, ["upgrade"] = true,
  ["x-hal9-shadow"] = true,
}

local function copied_headers(txn)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    if not own[name] then
      local list = {}
      for _, value in pairs(values) do list[#list + 1] = value end
      headers[name] = list
    end
  end
  headers["x-hal9-shadow"] = {"1"}
  return headers
end

local function send(method, request)
  local client = core.httpclient()
  local by_method = {
    GET = client.get, HEAD = client.head, POST = client.post, PUT = client.put,
    DELETE = client.delete,
  }
  local call = by_method[method]
  if not call then error("method " .. method) end
  local answer = call(client, request)
  return answer and answer.status and answer.status > 0 and answer.status < 500
end

local function mirror(txn)
  if in_flight >= max_in_flight then dropped = dropped + 1 return end
  if (tonumber(txn.sf:req_body_size()) or 0) >= max_body then not_copied = not_copied + 1 return end
  local method = txn.sf:method()
  local body = txn.sf:req_body()
  local request = {
    url = entry .. txn.sf:url(),
    headers = copied_headers(txn),
    body = body ~= "" and body or nil,
    timeout = time_limit,
  }
  in_flight = in_flight + 1
  sent = sent + 1
  core.register_task(function()
    local ran, good = pcall(send, method, request)
    if ran and good then ok = ok + 1 else failed = failed + 1 end
    in_flight = in_flight - 1
  end)
end

core.register_action("hal9_mirror", {"http-req"}, function(txn)
  local ran, why = pcall(mirror, txn)
  if not ran then
    not_copied = not_copied + 1
    core.log(core.err, "hal9 mirror: " .. tostring(why))
  end
end)

core.register_cli({"hal9", "mirror"}, "hal9 mirror: counters of copied requests", function(applet)
  applet:send(string.format(
    '{"sent":%d,"ok":%d,"failed":%d,"dropped":%d,"not_copied":%d,"in_flight":%d}\n',
    sent, ok, failed, dropped, not_copied, in_flight))
end)
)lua";

}  // namespace

std::string mirror_lua(std::string_view listen) {
  std::string text{kBefore};
  text += listen;
  text += kAfter;
  return text;
}

}  // namespace hal9::haproxy
