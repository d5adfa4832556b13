import Bytes
import Testing

@Suite struct CSVScannerTests {
  @Test(
    arguments: [
      ("", []), ("a", [["a"]]), ("a,b\n", [["a", "b"]]),
      ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
      ("a\rb\rc", [["a"], ["b"], ["c"]]), ("a,\n", [["a", ""]]), (",", [["", ""]]),
      ("\"\"\n", [[""]]), ("\"a,b\",c", [["a,b", "c"]]), ("\"a\"\"b\"", [["a\"b"]]),
      ("\"\"\"\"", [["\""]]), ("\"a\nb\r\nc\",d\n", [["a\nb\r\nc", "d"]]),
      ("\n\n\r\na\n\n\nb\n\n", [["a"], ["b"]]), ("\u{FEFF}a,b", [["a", "b"]]),
      ("\u{FEFF}\"a\"", [["a"]]), ("a, b ,c", [["a", " b ", "c"]]), ("é,東京", [["é", "東京"]]),
      ("\"a\",\"b\"\r\n\"c\",\"\"", [["a", "b"], ["c", ""]]), ("a\u{FEFF}", [["a\u{FEFF}"]]),
    ] as [(String, [[String]])]
  )
  func `records of RFC 4180 are read, in one block and byte by byte`(
    text: String,
    records: [[String]]
  ) {
    for blockByteCount in [1, 2, 3, 5, 1_000] {
      let outcomes = scan(Array(text.utf8), blockByteCount: blockByteCount)
      #expect(outcomes.compactMap(\.cells) == records, "blocks of \(blockByteCount)")
      #expect(outcomes.allSatisfy { $0.error == nil })
    }
  }

  @Test func `a separator of one's own leaves commas alone`() {
    let outcomes = scan(Array("a;b,c\n1;\"2;3\"".utf8), separator: UInt8(ascii: ";"))
    #expect(outcomes.compactMap(\.cells) == [["a", "b,c"], ["1", "2;3"]])
  }

  @Test(
    arguments: [
      ("x\na\"b,c\nd", CSVError.quoteInsideCell(line: 2, column: 1), [["x"], ["d"]]),
      ("\"a\"b,c\nd", .textAfterQuote(line: 1, column: 1), [["d"]]),
      ("x,\"a\" ,c\r\nd", .textAfterQuote(line: 1, column: 2), [["d"]]),
      ("x\ny,\"a\nb\nc", .unterminatedQuote(line: 2), [["x"]]),
      ("\"", .unterminatedQuote(line: 1), []),
      ("x\n0123456789abcdefg,h\ny", .recordTooLong(line: 2, limit: 16), [["x"], ["y"]]),
    ] as [(String, CSVError, [[String]])]
  )
  func `a malformed record costs itself alone`(
    text: String,
    error: CSVError,
    records: [[String]]
  ) {
    for blockByteCount in [1, 4, 1_000] {
      let outcomes = scan(Array(text.utf8), blockByteCount: blockByteCount, limit: 16)
      #expect(outcomes.compactMap(\.error) == [error], "blocks of \(blockByteCount)")
      #expect(outcomes.compactMap(\.cells) == records)
      #expect(!error.description.isEmpty)
    }
  }

  @Test func `a record knows the line it starts on`() {
    let text = "a\r\n\"b\n\r\n\r\"\n\nc\rd\n\n\ne"
    for blockByteCount in [1, 3, 1_000] {
      let outcomes = scan(Array(text.utf8), blockByteCount: blockByteCount)
      #expect(outcomes.map(\.line) == [1, 2, 7, 8, 11])
    }
  }

  @Test func `a cell that is not UTF-8 is no text`() throws {
    var scanner = CSVScanner()
    var start = 0
    #expect(try scanner.next([0x61, 0x2C, 0xFF, 0x0A], from: &start))
    #expect(scanner.text(0) == "a")
    #expect(scanner.text(1) == nil)
  }

  @Test func `random bytes give what a character by character reading gives`() {
    var random = SeededRandom(seed: 31)
    let alphabet = Array("ab,\"\n\r".utf8)
    for round in 0..<5_000 {
      let bytes = (0..<random.below(24)).map { _ in alphabet[random.below(alphabet.count)] }
      let expected = naiveRecords(bytes)
      for blockByteCount in [1, 2, 7, 100] {
        let outcomes = scan(bytes, blockByteCount: blockByteCount)
        let found = outcomes.map { $0.cells ?? ["error"] }
        #expect(found == expected, "round \(round): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }
}

/// A record's cells, or the error in its place.
private struct Outcome {
  var line: Int
  var cells: [String]?
  var error: CSVError?
}

private func scan(
  _ bytes: [UInt8],
  blockByteCount: Int = 1_000,
  separator: UInt8 = UInt8(ascii: ","),
  limit: Int = 1_000
) -> [Outcome] {
  var scanner = CSVScanner(separator: separator, recordByteCountMax: limit)
  var outcomes: [Outcome] = []
  func take(_ step: () throws(CSVError) -> Bool) -> Bool {
    do throws(CSVError) {
      guard try step() else { return false }
      let cells = (0..<scanner.cellCount).map { scanner.text($0)?.string ?? "not UTF-8" }
      outcomes.append(Outcome(line: scanner.recordLine, cells: cells))
    } catch {
      outcomes.append(Outcome(line: scanner.recordLine, error: error))
    }
    return true
  }
  for blockStart in stride(from: 0, to: bytes.count, by: blockByteCount) {
    let block = Array(bytes[blockStart..<min(bytes.count, blockStart + blockByteCount)])
    var start = 0
    while take({ () throws(CSVError) in try scanner.next(block, from: &start) }) {}
    #expect(start == block.count)
  }
  while take({ () throws(CSVError) in try scanner.finish() }) {}
  return outcomes
}

/// The same records, read slowly from the whole text; an error is the record `["error"]`.
private func naiveRecords(_ bytes: [UInt8]) -> [[String]] {
  let text = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(Character.init)
  var records: [[String]] = []
  var index = 0
  func atLineEnd() -> Bool { index == text.count || text[index] == "\n" || text[index] == "\r" }
  func skipLineEnd() {
    guard index < text.count else { return }
    index += text[index] == "\r" && index + 1 < text.count && text[index + 1] == "\n" ? 2 : 1
  }
  while index < text.count {
    if atLineEnd() {
      skipLineEnd()
      continue
    }
    var cells: [String] = []
    var isBad = false
    while !isBad {
      var cell = ""
      if index < text.count, text[index] == "\"" {
        index += 1
        var isClosed = false
        while index < text.count, !isClosed {
          if text[index] != "\"" {
            cell.append(text[index])
          } else if index + 1 < text.count, text[index + 1] == "\"" {
            cell.append("\"")
            index += 1
          } else {
            isClosed = true
          }
          index += 1
        }
        isBad = !isClosed || !(atLineEnd() || text[index] == ",")
      } else {
        while !atLineEnd(), text[index] != ",", text[index] != "\"" {
          cell.append(text[index])
          index += 1
        }
        isBad = !atLineEnd() && text[index] == "\""
      }
      cells.append(cell)
      guard index < text.count, text[index] == ",", !isBad else { break }
      index += 1
    }
    while !atLineEnd() { index += 1 }
    skipLineEnd()
    records.append(isBad ? ["error"] : cells)
  }
  return records
}
