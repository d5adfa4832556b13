import Bytes
import PQL
import Testing

@Suite struct ParserTests {
  @Test func `every conformance case is there`() {
    #expect(ConformanceCase.all.count == 792)
  }

  @Test(arguments: ConformanceCase.all.filter { $0.error == "parse" })
  func `what is not of the language is refused`(testCase: ConformanceCase) {
    #expect { try Query.parse(testCase.definition) } throws: { error in
      (error as? LanguageError)?.kind == .parse
    }
  }

  @Test(arguments: ConformanceCase.all.filter { $0.error != "parse" })
  func `canonical text reads back as the same definition`(testCase: ConformanceCase) throws {
    let query = try Query.parse(testCase.definition)

    let text = query.text()

    #expect(try Query.parse(text) == query, "\(text)")
    #expect(try Query.parse(text).text() == text)
    #expect(try Query.parse(query.text(width: 20)) == query)
  }
}
