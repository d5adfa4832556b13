package import Bytes

/// The fewest single-scalar changes from one text to another, a swap of neighbours counting as one;
/// `nil` when that is more than `limit`.
///
/// Optimal string alignment distance. ASCII letters of different case differ by nothing, so that
/// `StartsWith` is nearest to `startsWith`.
package func editDistance(_ first: Text, _ second: Text, limit: Int) -> Int? {
  let a = first.string.unicodeScalars.map(folded)
  let b = second.string.unicodeScalars.map(folded)
  guard abs(a.count - b.count) <= limit, min(a.count, b.count) <= 256 else { return nil }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        best = min(best, beforeLast[j - 1] + 1)
      }
      row.append(best)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count] <= limit ? last[b.count] : nil
}

private func folded(_ scalar: Unicode.Scalar) -> UInt32 {
  (0x41...0x5A).contains(scalar.value) ? scalar.value | 0x20 : scalar.value
}

/// The candidate nearest to `name`, if one is near enough to be meant; of equals the first.
package func nearest(to name: Text, among candidates: some Sequence<Text>) -> Text? {
  let limit = name.byteCount <= 3 ? 1 : name.byteCount <= 7 ? 2 : 3
  var best: (distance: Int, candidate: Text)?
  for candidate in candidates {
    guard let distance = editDistance(name, candidate, limit: best.map { $0.distance - 1 } ?? limit)
    else { continue }
    best = (distance, candidate)
    if distance == 0 { break }
  }
  return best?.candidate
}
