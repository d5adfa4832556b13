import Bytes
import Domain
import PQL
import Testing

@Suite struct WordsTests {
  @Test(arguments: TextFixture.all("words.txt"))
  func `a definition is described in words`(page: TextFixture) throws {
    page.expect(try CheckedQuery(page.definition).inWords.lines)
  }

  @Test(arguments: ConformanceCase.all.filter { $0.error == nil })
  func `every case is described`(testCase: ConformanceCase) throws {
    let description = try CheckedQuery(testCase.definition).inWords

    #expect(description.document["does"]?.text == Text(description.words))
    #expect(description.lines.allSatisfy { !$0.contains("\n") })
  }

  @Test func `a description is data too`() throws {
    let document = try CheckedQuery("age > 18 and isVip").inWords.document

    #expect(
      String(decoding: document.json(), as: UTF8.self)
        == """
        {"does":"all of these 2 are true","kind":"boolean","parts":[\
        {"does":"age is more than 18","kind":"boolean","text":"age > 18"}],\
        "text":"age > 18 and isVip"}
        """
    )
  }
}
