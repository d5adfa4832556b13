package import Bytes

extension Text {
  /// Every scalar in lower case by the full Unicode mapping, without context and without locale.
  ///
  /// `Σ` becomes `σ` everywhere, `İ` becomes `i` with U+0307.
  package var lowerCased: Text {
    if utf8.allSatisfy({ $0 < 0x80 && !(0x41...0x5A).contains($0) }) { return self }
    var scalars = String.UnicodeScalarView()
    for scalar in string.unicodeScalars {
      if scalar.value < 0x80 {
        let isUpper = (0x41...0x5A).contains(scalar.value)
        scalars.append(Unicode.Scalar(UInt8(scalar.value) + (isUpper ? 32 : 0)))
      } else {
        scalars.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
      }
    }
    return Text(String(scalars))
  }

  /// Whether the text begins with all scalars of `other`.
  package func begins(with other: Text) -> Bool { utf8.starts(with: other.utf8) }

  /// Whether the text ends with all scalars of `other`.
  package func ends(with other: Text) -> Bool {
    byteCount >= other.byteCount && utf8.suffix(other.byteCount).elementsEqual(other.utf8)
  }

  /// Whether all scalars of `other` stand somewhere in the text, side by side.
  ///
  /// Linear in both; source: D. E. Knuth, J. H. Morris, V. R. Pratt, "Fast pattern matching in
  /// strings", 1977. Bytes serve as well as scalars, because UTF-8 synchronises itself.
  package func contains(_ other: Text) -> Bool {
    let pattern = Array(other.utf8)
    guard let first = pattern.first else { return true }
    if byteCount < pattern.count { return false }
    if pattern.count == 1 { return utf8.contains(first) }
    var borders = [0]
    borders.reserveCapacity(pattern.count)
    var length = 0
    for index in 1..<pattern.count {
      while length > 0, pattern[index] != pattern[length] { length = borders[length - 1] }
      if pattern[index] == pattern[length] { length += 1 }
      borders.append(length)
    }
    length = 0
    for byte in utf8 {
      while length > 0, byte != pattern[length] { length = borders[length - 1] }
      if byte == pattern[length] { length += 1 }
      if length == pattern.count { return true }
    }
    return false
  }

  /// Whether the whole text fits a pattern: `%` stands for any run, `_` for one scalar.
  ///
  /// Going back to the last `%` alone is enough, because an earlier one can gain nothing.
  ///
  /// - Parameters:
  ///   - pattern: read sign by sign; there is no escape.
  ///   - stepMax: comparisons made at most.
  /// - Returns: `nil` when more would be needed.
  package func isLike(_ pattern: Text, stepMax: Int) -> Bool? {
    let signs = pattern.string.unicodeScalars
    let scalars = string.unicodeScalars
    var sign = signs.startIndex
    var scalar = scalars.startIndex
    var restart: (sign: String.Index, scalar: String.Index)?
    var steps = 0
    while scalar < scalars.endIndex {
      steps += 1
      if steps > stepMax { return nil }
      if sign < signs.endIndex, signs[sign] == "%" {
        signs.formIndex(after: &sign)
        restart = (sign, scalar)
      } else if sign < signs.endIndex, signs[sign] == "_" || signs[sign] == scalars[scalar] {
        signs.formIndex(after: &sign)
        scalars.formIndex(after: &scalar)
      } else if let last = restart {
        sign = last.sign
        scalar = scalars.index(after: last.scalar)
        restart = (sign, scalar)
      } else {
        return false
      }
    }
    return signs[sign...].allSatisfy { $0 == "%" }
  }
}
