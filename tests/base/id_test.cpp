#include "base/id.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hal9 {

namespace {

// RFC 9562 appendix A.6: the example of version 7.
TEST(Id, IsMadeAsTheExampleOfTheRfc) {
  const Time time(std::chrono::milliseconds{0x017F22E279B0});
  const Bytes16 random{
      0, 0, 0, 0, 0, 0, 0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F
  };
  EXPECT_EQ(to_text(EventId::make(time, random)), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(Id, SortsByTimeOfMaking) {
  const Bytes16 high{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  const Time time(std::chrono::milliseconds{1785553445000});
  EXPECT_LT(EventId::make(time, high), EventId::make(time + std::chrono::milliseconds{1}, {}));
}

RC_GTEST_PROP(IdProperty, ItsTextIsReadBack, ()) {
  EventId id;
  for (auto& byte : id.bytes) byte = *rc::gen::arbitrary<std::uint8_t>();
  RC_ASSERT(EventId::parse(to_text(id)).value() == id);
}

TEST(Id, InAnyOtherShapeIsRefused) {
  for (const char* text : {
           "",
           "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
           "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
           "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
           "017f22e279b07cc398c4dc0c0c07398f",
           "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
           "017f22e2-79b0-7cc3-98c4_dc0c0c07398f",
           "{017f22e2-79b0-7cc3-98c4-dc0c0c07398}",
       }) {
    EXPECT_FALSE(EventId::parse(text)) << text;
  }
}

}  // namespace

}  // namespace hal9
