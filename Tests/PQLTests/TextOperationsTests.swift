import Bytes
import PQL
import Testing

@Suite struct TextOperationsTests {
  @Test(arguments: [
    ("ΟΔΟΣ", "οδοσ"), ("İ", "i\u{307}"), ("ẞ", "ß"), ("STRASSE", "strasse"), ("aB1", "ab1"),
    ("МОСКВА", "москва"), ("plain", "plain"), ("ς", "ς"),
  ])
  func `lower case goes scalar by scalar`(text: String, lower: String) {
    #expect(Text(text).lowerCased == Text(lower))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `searching and patterns equal their naive twins`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let letters = Array("aab_%é".unicodeScalars)
    func text(_ count: Int) -> Text {
      var scalars = String.UnicodeScalarView()
      for _ in 0..<random.below(count) { scalars.append(letters[random.below(letters.count)]) }
      return Text(String(scalars))
    }
    for _ in 0..<2_000 {
      let (whole, part) = (text(12), text(6))
      let (a, b) = (Array(whole.utf8), Array(part.utf8))
      let places = a.count >= b.count ? Array(0...(a.count - b.count)) : []
      #expect(whole.contains(part) == places.contains { a[$0...].starts(with: b) })
      #expect(whole.begins(with: part) == a.starts(with: b))
      #expect(whole.ends(with: part) == a.reversed().starts(with: b.reversed()))
      let fits = Self.fits(
        Array(whole.string.unicodeScalars)[...],
        Array(part.string.unicodeScalars)[...]
      )
      #expect(whole.isLike(part, stepMax: 10_000) == fits, "\(whole) like \(part)")
    }
  }

  private static func fits(
    _ text: ArraySlice<Unicode.Scalar>,
    _ pattern: ArraySlice<Unicode.Scalar>
  ) -> Bool {
    guard let sign = pattern.first else { return text.isEmpty }
    if sign == "%" {
      return (text.startIndex...text.endIndex).contains { fits(text[$0...], pattern.dropFirst()) }
    }
    guard let first = text.first, sign == "_" || sign == first else { return false }
    return fits(text.dropFirst(), pattern.dropFirst())
  }

  @Test func `a pattern that takes too long gives up`() {
    let text = Text(String(repeating: "a", count: 3_000))
    let pattern = Text("%" + String(repeating: "a", count: 1_000) + "b")

    #expect(text.isLike(pattern, stepMax: 100_000) == nil)
  }
}
