// The texts of a router over HTTP: placeholders in what is sent, and the same read backward in what
// is answered. Pure; thread-safe.
//
//   {route} {region} {component}       as they are named; names hold nothing that has to be escaped
//   {share} {flat}                     percent: 12.5 and 87.5
//   {hundredths} {flat_hundredths}     1250 and 8750 of 10000, for weights
//   {share_fraction} {flat_fraction}   0.125 and 0.875
//   {share_uuid}                       the text below which that share of all random (version 4)
//                                      UUIDs sort: 00000000 for none, 20000000 for 12.5%, fffffffff
//                                      for all
//
// Other text in braces stays as it is where it is no plain word: {http.request.uuid}, JSON. A plain
// word that is none of these is a mistake.
#pragma once

#include "base/share.h"
#include "migration/route.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hal9::migration {

// Which placeholders a text may hold.
enum class Holds : std::uint8_t {
  names,   // of the route
  values,  // of the route, and of the share
};

// What is wrong with it, in words; empty: nothing.
std::string wrong_placeholder(std::string_view text, Holds holds);
// What is wrong with a text that a value is read by: it holds one placeholder of a share.
std::string wrong_value_text(std::string_view text);

// Precondition: nothing is wrong with it.
std::string filled_in(std::string_view text, const Route& route, Share share);

// The share in `text`, which was written as `pattern` says; none where it was not. A value between
// two hundredths of a percent reads as the higher one: more may go to hierarchical than it, not less.
std::optional<Share> value_read_by(std::string_view pattern, std::string_view text);

// scheme://host:port of a URL, as far as it is typed; empty where it is none that is used here: http or
// https, no user in it, no placeholder before the path.
std::string_view origin_of(std::string_view url);
// Whether a token may be sent there: encrypted, or to this machine.
bool may_carry_token(std::string_view url);

}  // namespace hal9::migration
