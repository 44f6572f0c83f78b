import Fascicle
import Foundation
import Testing

@Suite("JSON of models")
struct JSONTests {
  @Test(
    "is read with its numbers as they stand and its members in order",
    arguments: [
      "null", "true", "[]", "{}", "-0.5e+3", "[1, 2, [3]]", "{\"b\": 1, \"a\": [true, null]}",
      "18446744073709551615", "\"\\\"\\\\\\n\\t\\u0001 ü 🧠\"",
    ])
  func roundTrip(text: String) throws {
    let node = try JSONParser.parse(Array(text.utf8))
    #expect(node.line == text)
    #expect(try JSONParser.parse(Array(node.text().utf8)) == node)
  }

  @Test("escapes mean what they mean to others")
  func escapes() throws {
    let text = "\"\\u00fc\\ud83e\\udde0\\/\\b\\f\\r\""
    #expect(try JSONParser.parse(Array(text.utf8)) == .text("ü🧠/\u{8}\u{c}\r"))
  }

  @Test(
    "is refused where it is none",
    arguments: [
      "", " ", "{", "[", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}",
      "{\"a\":1,\"a\":2}", "01", "1.", ".5", "+1", "-", "1e", "0x1", "nan", "tru", "nullx", "1 2", "\"", "\"\\x\"",
      "\"\\u12\"", "\"\\u+123\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "'a'", "[1]]",
    ])
  func refused(text: String) { #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(Array(text.utf8)) } }

  @Test("is refused where its text is not UTF-8, or nested without end")
  func hostile() {
    #expect(throws: JSONParser.Failure.self) { try JSONParser.parse([0x22, 0xff, 0x22]) }
    #expect(throws: JSONParser.Failure.self) { try JSONParser.parse([0x22, 0xed, 0xa0, 0x80, 0x22]) }
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    let failure = #expect(throws: JSONParser.Failure.self) { try JSONParser.parse(deep) }
    #expect(failure?.message == "values are nested more than 256 deep")
  }

  @Test("is read alike by Foundation")
  func foundation() throws {
    let node = JSONNode.object([
      .init("numbers", .list([.float(0.1), .double(1e-300), .whole(UInt64.max), .float(-0.0)])),
      .init("text", .text("a\u{1}\"\\/ü")), .init("none", .float(.nan)),
    ])
    let object = try #require(JSONSerialization.jsonObject(with: Data(node.text().utf8)) as? [String: Any])
    #expect(object["text"] as? String == "a\u{1}\"\\/ü")
    #expect(object["none"] is NSNull)
    let numbers = try #require(object["numbers"] as? [NSNumber])
    #expect(numbers.map(\.doubleValue) == [0.1, 1e-300, 0x1p64, 0])
    #expect(numbers[2].uint64Value == UInt64.max)
  }
}
