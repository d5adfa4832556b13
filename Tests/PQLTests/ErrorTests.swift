import Bytes
import PQL
import Testing

@Suite struct ErrorTests {
  @Test(arguments: TextFixture.all("errors.txt"))
  func `an error says where, what is wrong and what would be right`(page: TextFixture) throws {
    let error = try #require(throws: LanguageError.self) { try CheckedQuery(page.definition) }

    page.expect([error.description])
  }

  @Test(arguments: ConformanceCase.all.filter { $0.error != nil })
  func `every error of the cases has a message and a place`(testCase: ConformanceCase) throws {
    let error = try #require(throws: LanguageError.self) { try CheckedQuery(testCase.definition) }

    #expect(!error.problem.description.isEmpty)
    #expect(error.range.end <= testCase.definition.byteCount)
  }
}
