#include "formats.h"

#include "base/escape.h"
#include "base/result.h"
#include "hostile.h"

#include <string>

#include <gtest/gtest.h>

namespace hal9::tools {
namespace {

Json rows() {
  return Json::array(
      {Json{{"id", "a"}, {"share", {{"observed", 5.5}}}, {"list", {1, 2}}},
       Json{{"id", "b"}, {"share", {{"observed", 0}}}, {"list", Json::array()}, {"more", nullptr}}}
  );
}

TEST(ParseFormat, KnowsItsFormsAndSuggestsTheNearest) {
  EXPECT_EQ(*parse_format("jsonl"), Format::jsonl);
  auto wrong = parse_format("jsn");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, Code::usage);
  EXPECT_NE(wrong.error().why.find("json"), std::string::npos);
}

TEST(Render, MakesJsonThatParsesToTheSame) {
  EXPECT_EQ(Json::parse(render(rows(), Format::json)), rows());
}

TEST(Render, MakesALineAnElementOfJsonl) {
  EXPECT_EQ(
      render(rows(), Format::jsonl),
      "{\"id\":\"a\",\"share\":{\"observed\":5.5},\"list\":[1,2]}\n"
      "{\"id\":\"b\",\"share\":{\"observed\":0},\"list\":[],\"more\":null}\n"
  );
}

TEST(Render, MakesYamlOfNestedValues) {
  EXPECT_EQ(
      render(rows(), Format::yaml),
      "- id: a\n  share:\n    observed: 5.5\n  list:\n    - 1\n    - 2\n"
      "- id: b\n  share:\n    observed: 0\n  list: []\n  more: null\n"
  );
}

TEST(Render, QuotesInYamlWhatAReaderMightTakeForSomethingElse) {
  for (const char* text : {"no", "NULL", "1.5", "", "a: b", "- x", "2026-08-01", "~", "#x"}) {
    const std::string yaml = render(Json{{"v", text}}, Format::yaml);
    EXPECT_EQ(yaml, std::string("v: \"") + text + "\"\n");
  }
}

TEST(Render, MakesCsvWithAColumnForEachMember) {
  EXPECT_EQ(
      render(rows(), Format::csv), "id,share.observed,list.0,list.1,more\na,5.5,1,2,\nb,0,,,\n"
  );
  EXPECT_EQ(render(Json::array(), Format::csv), "");
}

TEST(Render, MakesCsvOfOneValueWithARowForEachMember) {
  const Json one{
      {"phase", "canary"},
      {"routes", {Json{{"route", "eu.x"}, {"share", {{"observed", 5}}}}, Json{{"route", "us.x"}}}},
      {"running", Json::array()},
      {"halt", nullptr}
  };
  EXPECT_EQ(
      render(one, Format::csv),
      "name,value\nphase,canary\nroutes.0.route,eu.x\nroutes.0.share.observed,5\n"
      "routes.1.route,us.x\nhalt,\n"
  );
}

TEST(Render, LetsNoControlCharacterThrough) {
  for (const std::string& text : hostile()) {
    for (const Format format : {Format::json, Format::yaml, Format::jsonl, Format::csv}) {
      EXPECT_TRUE(harmless(render(Json::array({Json{{"v", text}, {text, "v"}}}), format)))
          << escape_terminal(text);
    }
  }
}

TEST(Render, KeepsAHostileStringWholeInJson) {
  for (const std::string& text : hostile()) {
    if (!is_utf8(text)) continue;
    EXPECT_EQ(Json::parse(render(Json{{"v", text}}, Format::json))["v"], text);
  }
}

TEST(Render, MakesNoFormulaInCsv) {
  for (const std::string& text : hostile()) {
    const std::string csv = render(Json::array({Json{{"v", text}}}), Format::csv);
    std::string cell = csv.substr(csv.find('\n') + 1);
    if (cell.starts_with('"')) cell.erase(0, 1);
    EXPECT_EQ(std::string("=+-@\t\r").find(cell.front()), std::string::npos) << cell;
  }
}

TEST(ListRenderer, MakesWhatRenderMakes) {
  for (const Format format : {Format::yaml, Format::jsonl, Format::json}) {
    ListRenderer list(format);
    std::string text;
    for (const Json& row : rows()) text += list.element(row);
    text += list.end();
    if (format == Format::json) {
      EXPECT_EQ(Json::parse(text), rows());
    } else {
      EXPECT_EQ(text, render(rows(), format));
    }
  }
}

TEST(ListRenderer, MakesAnEmptyListOfNothing) {
  EXPECT_EQ(ListRenderer(Format::json).end(), "[]\n");
  EXPECT_EQ(ListRenderer(Format::jsonl).end(), "");
}

// Whoever reads columns by name finds them also where there is nothing below.
TEST(Render, GivesACsvWithoutRowsItsHeader) {
  const Json row{{"a", 1}, {"b", {{"c", "x"}}}, {"d", Json::array()}};
  EXPECT_EQ(render(Json::array(), Format::csv, row), "a,b.c\n");
  EXPECT_EQ(render(Json::array(), Format::csv), "");
  EXPECT_EQ(ListRenderer(Format::csv, row).end(), "a,b.c\n");
  ListRenderer list(Format::csv, row);
  EXPECT_EQ(list.element(Json{{"b", {{"c", "y"}}}}), "a,b.c\n,y\n");
  EXPECT_EQ(list.end(), "");
}

}  // namespace
}  // namespace hal9::tools
