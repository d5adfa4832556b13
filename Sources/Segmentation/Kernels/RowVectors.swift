/// Kernels over vectors with a bit for each row of a table.
///
/// Vectors lie one after the other, `rowVectorWordCount` words each; behind the last row there are
/// zeros.

#if arch(x86_64)
  private import _Builtin_intrinsics.intel
#endif

/// Words of a vector that has a bit for each of some rows, with those that kernels read and write
/// behind it.
func rowVectorWordCount(_ rowCount: Int) -> Int { (rowCount + 255) / 256 * 4 + 4 }

/// Sets the bits of all rows.
func writeEveryRow(_ rowCount: Int, into words: UnsafeMutablePointer<UInt64>) {
  let whole = rowCount >> 6
  unsafe words.update(repeating: .max, count: whole)
  let rest = rowVectorWordCount(rowCount) - whole
  unsafe (words + whole).update(repeating: 0, count: rest)
  if rowCount & 63 > 0 { unsafe words[whole] = (1 << UInt64(rowCount & 63)) - 1 }
}

/// Clears the words behind the last of some bits.
func clearRows(_ words: UnsafeMutablePointer<UInt64>, from count: Int, wordCount: Int) {
  let first = (count + 63) / 64
  unsafe (words + first).update(repeating: 0, count: wordCount - first)
}

/// What a test makes of vectors that exclude each other, or of which each has the bits of the next:
/// it holds where an odd number of some of them has a bit, or where an even one has.
@unsafe struct RowChoice: BitwiseCopyable {
  var isInverse: Bool
  /// Numbers of the vectors.
  var vectors: UnsafePointer<UInt16>
  var count: Int
}

/// Writes the vector of a test.
///
/// - Parameters:
///   - choice: which of the vectors it is made of.
///   - start: the first of them.
///   - wordCount: words of each vector, a multiple of 4.
///   - every: the vector of all rows.
///   - words: where it is written.
func write(
  _ choice: RowChoice,
  of start: UnsafePointer<UInt64>,
  wordCount: Int,
  every: UnsafePointer<UInt64>,
  into words: UnsafeMutablePointer<UInt64>
) {
  if unsafe choice.isInverse {
    unsafe words.update(from: every, count: wordCount)
  } else {
    if unsafe choice.count == 0 { return unsafe words.update(repeating: 0, count: wordCount) }
    let first = unsafe start + Int(choice.vectors[0]) &* wordCount
    unsafe words.update(from: first, count: wordCount)
  }
  let begun = unsafe choice.isInverse ? 0 : 1
  for index in begun..<(unsafe choice.count) {
    let vector = unsafe start + Int(choice.vectors[index]) &* wordCount
    for word in 0..<wordCount { unsafe words[word] ^= vector[word] }
  }
}

/// Writes the rows that some vectors have in common.
///
/// - Parameters:
///   - start: the first vector of all.
///   - numbers: which ones; at least two.
///   - count: how many.
///   - wordCount: words of each vector, a multiple of 4.
///   - words: where it is written.
/// - Returns: whether there is one.
func intersect(
  _ start: UnsafePointer<UInt64>,
  _ numbers: UnsafePointer<UInt32>,
  count: Int,
  wordCount: Int,
  into words: UnsafeMutablePointer<UInt64>
) -> Bool {
  let first = unsafe start + Int(numbers[0]) &* wordCount
  let second = unsafe start + Int(numbers[1]) &* wordCount
  var any: UInt64 = 0
  switch count {
  case 2:
    for word in 0..<wordCount {
      let both = unsafe first[word] & second[word]
      any |= both
      unsafe words[word] = both
    }
  case 3:
    let third = unsafe start + Int(numbers[2]) &* wordCount
    for word in 0..<wordCount {
      let all = unsafe first[word] & second[word] & third[word]
      any |= all
      unsafe words[word] = all
    }
  default:
    for word in 0..<wordCount { unsafe words[word] = first[word] & second[word] }
    for index in 2..<count {
      let next = unsafe start + Int(numbers[index]) &* wordCount
      for word in 0..<wordCount { unsafe words[word] &= next[word] }
    }
    for word in 0..<wordCount { any |= unsafe words[word] }
  }
  return any != 0
}

/// Adds the bits of values to the rows that have them: the next value's bit to each row that
/// `presence` has.
func spread(
  _ bits: UnsafePointer<UInt64>,
  over presence: UnsafePointer<UInt64>,
  wordCount: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  var position = 0
  for word in 0..<wordCount {
    let present = unsafe presence[word]
    if present == 0 { continue }
    let (own, shift) = (position >> 6, UInt64(truncatingIfNeeded: position & 63))
    let next = unsafe bits[own] &>> shift | (bits[own &+ 1] &<< 1) &<< (63 &- shift)
    unsafe words[word] |= deposit(next, where: present)
    position &+= present.nonzeroBitCount
  }
}

/// Takes the first row of each profile out of a vector.
///
/// The rows of a profile, all but its last, are ones of a number. What is added to them is carried from
/// the first row that has a bit to the profile's last one and no further, because a zero stands there:
/// it leaves the bits of later rows, and none of the first.
///
/// - Parameters:
///   - rows: the vector.
///   - ends: the last row of each profile.
///   - wordCount: words of both.
///   - words: where what is left is written.
/// - Returns: whether something is left.
func removeFirstRows(
  _ rows: UnsafePointer<UInt64>,
  _ ends: UnsafePointer<UInt64>,
  wordCount: Int,
  into words: UnsafeMutablePointer<UInt64>
) -> Bool {
  var carry: UInt8 = 0
  var any: UInt64 = 0
  for word in 0..<wordCount {
    let left = unsafe rows[word] & carried(rows[word], ends[word], &carry)
    any |= left
    unsafe words[word] = left
  }
  return any != 0
}

/// Writes of each profile's rows in a vector the last one, if they are all last rows of their profiles,
/// with no other row after them.
///
/// - Parameters:
///   - rows: the vector.
///   - ends: the last row of each profile.
///   - wordCount: words of both; of the vector one more is read.
///   - words: where they are written.
/// - Returns: whether it is so.
func writeLastRows(
  _ rows: UnsafePointer<UInt64>,
  _ ends: UnsafePointer<UInt64>,
  wordCount: Int,
  into words: UnsafeMutablePointer<UInt64>
) -> Bool {
  var others: UInt64 = 0
  for word in 0..<wordCount {
    let (own, end) = unsafe (rows[word], ends[word])
    let next = unsafe own &>> 1 | rows[word &+ 1] &<< 63
    others |= own & ~end & ~next
    unsafe words[word] = own & end
  }
  return others == 0
}

/// What rows and a number of ones, from each row behind a profile's last one up to the next such, add up
/// to: of a profile's last row it tells whether an earlier one has a bit.
///
/// - Parameters:
///   - rows: a word of rows.
///   - ends: the last row of each profile in that word.
///   - carry: 1 when the word before carries one over; 0 before the first word.
/// - Returns: the word of the sum.
@inline(__always)
func carried(_ rows: UInt64, _ ends: UInt64, _ carry: inout UInt8) -> UInt64 {
  #if arch(x86_64)
    var sum: UInt64 = 0
    carry = unsafe _addcarry_u64(carry, rows & ~ends, ~ends, &sum)
    return sum
  #else
    let (sum, isOver) = (rows & ~ends).addingReportingOverflow(~ends)
    let (all, isOverAgain) = sum.addingReportingOverflow(UInt64(carry))
    carry = isOver || isOverAgain ? 1 : 0
    return all
  #endif
}

/// Brings the bits of some rows together: those of the rows that `chosen` has.
///
/// - Parameters:
///   - rows: the vector.
///   - chosen: a bit for each row.
///   - wordCount: words of both.
///   - words: where they are written, one word more than they need.
func compress(
  _ rows: UnsafePointer<UInt64>,
  by chosen: UnsafePointer<UInt64>,
  wordCount: Int,
  into words: UnsafeMutablePointer<UInt64>
) {
  var part: UInt64 = 0
  var count = 0
  for word in 0..<wordCount {
    let mask = unsafe chosen[word]
    let bits = unsafe extract(rows[word], where: mask)
    let shift = UInt64(truncatingIfNeeded: count & 63)
    let next = count &+ mask.nonzeroBitCount
    part |= bits &<< shift
    if count >> 6 != next >> 6 {
      unsafe words[count >> 6] = part
      part = (bits &>> 1) &>> (63 &- shift)
    }
    count = next
  }
  unsafe words[count >> 6] = part
}
