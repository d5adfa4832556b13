/// Kernels that give each value of a column its class, a number below 65,536.
///
/// Values are read where they lie in a block, `width` bytes each; classes are written for `count`
/// values. Shapes are checked by the callers.

/// The classes of codes, by a table.
func classes(
  ofCodes codes: UnsafeRawPointer,
  width: Int,
  count: Int,
  by table: UnsafePointer<UInt16>,
  into classes: UnsafeMutablePointer<UInt16>
) {
  switch width {
  case 1:
    let codes = unsafe codes.assumingMemoryBound(to: UInt8.self)
    for index in 0..<count { unsafe classes[index] = table[Int(codes[index])] }
  case 2:
    let codes = unsafe codes.assumingMemoryBound(to: UInt16.self)
    for index in 0..<count { unsafe classes[index] = table[Int(codes[index])] }
  case 4:
    let codes = unsafe codes.assumingMemoryBound(to: UInt32.self)
    for index in 0..<count { unsafe classes[index] = table[Int(codes[index])] }
  default:
    let codes = unsafe codes.assumingMemoryBound(to: UInt64.self)
    for index in 0..<count { unsafe classes[index] = table[Int(truncatingIfNeeded: codes[index])] }
  }
}

/// The classes of numbers: `table[i]` for a number that has reached `i` of the cuts.
///
/// The `cutCount` cuts ascend, and behind them is the largest number there is; a number has reached a
/// cut when it is not below it. `table` has one more than the cuts, `buckets` room for 257 numbers.
func classes(
  ofNumbers numbers: UnsafeRawPointer,
  width: Int,
  count: Int,
  by cuts: UnsafePointer<UInt64>,
  cutCount: Int,
  _ table: UnsafePointer<UInt16>,
  buckets: UnsafeMutablePointer<UInt16>,
  into classes: UnsafeMutablePointer<UInt16>
) {
  if cutCount == 0 {
    return unsafe classes.update(repeating: table[0], count: count)
  }
  switch width {
  case 1:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt8.self)
    unsafe countReached(numbers, count, cuts, cutCount, table, buckets, classes)
  case 2:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt16.self)
    unsafe countReached(numbers, count, cuts, cutCount, table, buckets, classes)
  case 4:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt32.self)
    unsafe countReached(numbers, count, cuts, cutCount, table, buckets, classes)
  default:
    let numbers = unsafe numbers.assumingMemoryBound(to: UInt64.self)
    unsafe countReached(numbers, count, cuts, cutCount, table, buckets, classes)
  }
}

/// Looks up how many cuts lie below a number's bucket, then counts those inside the bucket.
@inline(__always)
private func countReached<Number: FixedWidthInteger & UnsignedInteger>(
  _ numbers: UnsafePointer<Number>,
  _ count: Int,
  _ cuts: UnsafePointer<UInt64>,
  _ cutCount: Int,
  _ table: UnsafePointer<UInt16>,
  _ buckets: UnsafeMutablePointer<UInt16>,
  _ classes: UnsafeMutablePointer<UInt16>
) {
  // The last cut is in one of the first 256 buckets; numbers beyond go to one more.
  let shift = unsafe UInt64(max(0, 56 - cuts[cutCount - 1].leadingZeroBitCount))
  var reached = 0
  for bucket in 0..<256 {
    let start = UInt64(bucket) &<< shift
    while reached < cutCount, unsafe cuts[reached] < start { reached &+= 1 }
    unsafe buckets[bucket] = UInt16(truncatingIfNeeded: reached)
  }
  unsafe buckets[256] = UInt16(truncatingIfNeeded: cutCount)
  for index in 0..<count {
    let number = UInt64(truncatingIfNeeded: unsafe numbers[index])
    var reached = Int(unsafe buckets[Int(min(number &>> shift, 256))])
    while unsafe number >= cuts[reached] && reached < cutCount { reached &+= 1 }
    unsafe classes[index] = table[reached]
  }
}

/// The numbers whose order is that of some doubles: flipped bit patterns, with one zero.
func ordered(
  _ doubles: UnsafePointer<UInt64>,
  count: Int,
  into numbers: UnsafeMutablePointer<UInt64>
) {
  for index in 0..<count { unsafe numbers[index] = orderedBits(doubles[index]) }
}

/// The place of a double in the order of doubles, by its bit pattern.
@inline(__always)
func orderedBits(_ bits: UInt64) -> UInt64 {
  // Minus zero is zero.
  let bits = bits == 1 &<< 63 ? 0 : bits
  let sign = UInt64(bitPattern: Int64(bitPattern: bits) &>> 63)
  return bits ^ (sign | 1 &<< 63)
}

/// The classes of booleans in words of 64.
func classes(
  ofBits words: UnsafePointer<UInt64>,
  count: Int,
  no: UInt16,
  yes: UInt16,
  into classes: UnsafeMutablePointer<UInt16>
) {
  for index in 0..<count {
    let bit = unsafe words[index &>> 6] &>> UInt64(truncatingIfNeeded: index & 63) & 1
    unsafe classes[index] = bit == 1 ? yes : no
  }
}

/// Gives the rows of a column the classes of those that are present, and leaves all others alone.
///
/// `words` has a bit for each row, set where it is present; `present` are the classes of the present
/// rows, in order.
func spread(
  _ present: UnsafePointer<UInt16>,
  over words: UnsafePointer<UInt64>,
  rowCount: Int,
  into classes: UnsafeMutablePointer<UInt16>
) {
  unsafe spreadValues(present, over: words, rowCount: rowCount, into: classes)
}

/// The same for numbers.
func spread(
  _ present: UnsafePointer<Int64>,
  over words: UnsafePointer<UInt64>,
  rowCount: Int,
  into numbers: UnsafeMutablePointer<Int64>
) {
  unsafe spreadValues(present, over: words, rowCount: rowCount, into: numbers)
}

@inline(__always)
private func spreadValues<Element: BitwiseCopyable>(
  _ present: UnsafePointer<Element>,
  over words: UnsafePointer<UInt64>,
  rowCount: Int,
  into classes: UnsafeMutablePointer<Element>
) {
  var next = unsafe present
  for word in 0..<(rowCount + 63) / 64 {
    var bits = unsafe words[word]
    let rows = unsafe classes + word &* 64
    if bits == .max {
      unsafe rows.update(from: next, count: 64)
      unsafe next += 64
      continue
    }
    while bits != 0 {
      unsafe rows[bits.trailingZeroBitCount] = next.pointee
      unsafe next += 1
      bits &= bits &- 1
    }
  }
}
