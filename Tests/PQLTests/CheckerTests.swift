import Bytes
import PQL
import Testing

@Suite struct CheckerTests {
  @Test(arguments: ConformanceCase.all.filter { $0.error == "type" })
  func `what cannot mean anything is refused`(testCase: ConformanceCase) throws {
    let query = try Query.parse(testCase.definition)

    #expect { try query.checked() } throws: { ($0 as? LanguageError)?.kind == .type }
  }

  @Test(arguments: ConformanceCase.all.filter { $0.error == nil })
  func `what means something passes`(testCase: ConformanceCase) throws {
    let query = try CheckedQuery(testCase.definition)

    #expect(try CheckedQuery(Query.parse(testCase.definition).text()) == query)
  }
}
