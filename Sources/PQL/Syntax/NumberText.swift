/// The shortest decimal that reads back as the same double: `5`, `0.25`, `1E300`.
///
/// A negative number gets its sign; an infinity or NaN, which no literal is, keeps Swift's spelling.
package func numberText(_ number: Double) -> String {
  let text = number.description
  guard number.isFinite else { return text }
  let bytes = Array(text.utf8)
  if bytes.suffix(2).elementsEqual(".0".utf8) {
    return String(decoding: bytes.dropLast(2), as: UTF8.self)
  }
  guard let exponent = bytes.firstIndex(of: UInt8(ascii: "e")) else { return text }
  var mantissa = bytes[..<exponent]
  if mantissa.suffix(2).elementsEqual(".0".utf8) { mantissa = mantissa.dropLast(2) }
  let power = bytes[(exponent + 1)...].drop { $0 == UInt8(ascii: "+") }
  return String(decoding: mantissa, as: UTF8.self) + "E" + String(decoding: power, as: UTF8.self)
}
