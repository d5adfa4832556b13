#if arch(x86_64)
  private import _Builtin_intrinsics.intel
#endif

/// Questions about 32 neighbouring bytes at once; bit `i` of an answer is about byte `i`.
///
/// All bytes from `place` on, 32 of them, have to be readable. `PlainLanes` says the same by loops:
/// for processors without AVX2, and to hold the fast answers against.
package enum ByteLanes {
  /// Cells that `filled` looks at together.
  package static let cellCount = 8

  #if arch(x86_64)
    private typealias Vector = SIMD4<Int64>
    private typealias Floats = SIMD8<Float>

    @inline(__always)
    private static func load(_ place: UnsafePointer<UInt8>) -> Vector {
      unsafe UnsafeRawPointer(place).loadUnaligned(as: Vector.self)
    }

    @inline(__always)
    private static func every(_ byte: UInt8) -> Vector {
      _mm256_set1_epi8(CChar(bitPattern: byte))
    }

    @inline(__always)
    private static func mask(_ vector: Vector) -> UInt32 {
      UInt32(bitPattern: _mm256_movemask_epi8(vector))
    }

    /// Bytes that equal `byte`.
    @inline(__always)
    package static func equal(_ place: UnsafePointer<UInt8>, to byte: UInt8) -> UInt32 {
      unsafe mask(_mm256_cmpeq_epi8(load(place), every(byte)))
    }

    /// Bytes that equal those from `other` on.
    @inline(__always)
    package static func equal(_ place: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>)
      -> UInt32
    {
      unsafe mask(_mm256_cmpeq_epi8(load(place), load(other)))
    }

    /// Quotes, backslashes, control characters, and bytes that are not ASCII.
    @inline(__always)
    package static func unplain(_ place: UnsafePointer<UInt8>) -> UInt32 {
      let bytes = unsafe load(place)
      // As signed numbers the bytes that are not ASCII are below the space too.
      let below = _mm256_cmpgt_epi8(every(0x20), bytes)
      let quotes = _mm256_cmpeq_epi8(bytes, every(0x22))
      let slashes = _mm256_cmpeq_epi8(bytes, every(0x5C))
      return mask(below | quotes | slashes)
    }

    /// Bytes that are not ASCII.
    @inline(__always)
    package static func beyondASCII(_ place: UnsafePointer<UInt8>) -> UInt32 {
      unsafe mask(load(place))
    }

    /// Line feeds, carriage returns, quotes and separators.
    @inline(__always)
    package static func structural(_ place: UnsafePointer<UInt8>, separator: UInt8) -> UInt32 {
      let bytes = unsafe load(place)
      let ends = _mm256_cmpeq_epi8(bytes, every(0x0A)) | _mm256_cmpeq_epi8(bytes, every(0x0D))
      let marks =
        _mm256_cmpeq_epi8(bytes, every(0x22)) | _mm256_cmpeq_epi8(bytes, every(separator))
      return mask(ends | marks)
    }

    /// Separators, and apart from them line feeds, carriage returns and quotes.
    @inline(__always)
    package static func marks(
      _ place: UnsafePointer<UInt8>,
      separator: UInt8
    ) -> (separators: UInt32, others: UInt32) {
      let bytes = unsafe load(place)
      let ends = _mm256_cmpeq_epi8(bytes, every(0x0A)) | _mm256_cmpeq_epi8(bytes, every(0x0D))
      let quotes = _mm256_cmpeq_epi8(bytes, every(0x22))
      return (mask(_mm256_cmpeq_epi8(bytes, every(separator))), mask(ends | quotes))
    }

    /// Bit `i` where the upper half of number `i` is not zero, of at most 64 numbers.
    ///
    /// As many numbers behind them as `cellCount` have to be readable.
    @inline(__always)
    package static func filled(_ cells: UnsafePointer<UInt32>, _ count: Int) -> UInt64 {
      var filled: UInt64 = 0
      var cell = 0
      while cell < count {
        let numbers = unsafe UnsafeRawPointer(cells + cell).loadUnaligned(as: Vector.self)
        let areEmpty = _mm256_cmpeq_epi32(_mm256_srli_epi32(numbers, 16), Vector(repeating: 0))
        let signs = unsafe unsafeBitCast(areEmpty, to: Floats.self)
        let bits = UInt32(bitPattern: _mm256_movemask_ps(signs))
        filled |= UInt64(~bits & 0xFF) &<< UInt64(cell)
        cell &+= cellCount
      }
      return filled & UInt64.max &>> UInt64(64 &- count)
    }
  #else
    @inline(__always)
    package static func equal(_ place: UnsafePointer<UInt8>, to byte: UInt8) -> UInt32 {
      unsafe PlainLanes.equal(place, to: byte)
    }

    @inline(__always)
    package static func equal(_ place: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>)
      -> UInt32
    {
      unsafe PlainLanes.equal(place, other)
    }

    @inline(__always)
    package static func unplain(_ place: UnsafePointer<UInt8>) -> UInt32 {
      unsafe PlainLanes.unplain(place)
    }

    @inline(__always)
    package static func beyondASCII(_ place: UnsafePointer<UInt8>) -> UInt32 {
      unsafe PlainLanes.beyondASCII(place)
    }

    @inline(__always)
    package static func structural(_ place: UnsafePointer<UInt8>, separator: UInt8) -> UInt32 {
      unsafe PlainLanes.structural(place, separator: separator)
    }

    @inline(__always)
    package static func marks(
      _ place: UnsafePointer<UInt8>,
      separator: UInt8
    ) -> (separators: UInt32, others: UInt32) {
      unsafe PlainLanes.marks(place, separator: separator)
    }

    @inline(__always)
    package static func filled(_ cells: UnsafePointer<UInt32>, _ count: Int) -> UInt64 {
      unsafe PlainLanes.filled(cells, count)
    }
  #endif
}

/// The answers of `ByteLanes`, a byte at a time.
package enum PlainLanes {
  package static func equal(_ place: UnsafePointer<UInt8>, to byte: UInt8) -> UInt32 {
    marks { unsafe place[$0] == byte }
  }

  package static func equal(
    _ place: UnsafePointer<UInt8>,
    _ other: UnsafePointer<UInt8>
  ) -> UInt32 {
    marks { unsafe place[$0] == other[$0] }
  }

  package static func unplain(_ place: UnsafePointer<UInt8>) -> UInt32 {
    marks { index in
      let byte = unsafe place[index]
      return byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C
    }
  }

  package static func beyondASCII(_ place: UnsafePointer<UInt8>) -> UInt32 {
    marks { unsafe place[$0] >= 0x80 }
  }

  package static func structural(_ place: UnsafePointer<UInt8>, separator: UInt8) -> UInt32 {
    marks { index in
      let byte = unsafe place[index]
      return byte == 0x0A || byte == 0x0D || byte == 0x22 || byte == separator
    }
  }

  package static func marks(
    _ place: UnsafePointer<UInt8>,
    separator: UInt8
  ) -> (separators: UInt32, others: UInt32) {
    let separators = unsafe equal(place, to: separator)
    return (separators, unsafe structural(place, separator: separator) & ~separators)
  }

  package static func filled(_ cells: UnsafePointer<UInt32>, _ count: Int) -> UInt64 {
    var filled: UInt64 = 0
    for cell in 0..<count where unsafe cells[cell] >> 16 != 0 { filled |= 1 << UInt64(cell) }
    return filled
  }

  private static func marks(_ isMarked: (Int) -> Bool) -> UInt32 {
    var bits: UInt32 = 0
    for index in 0..<32 where isMarked(index) { bits |= 1 << UInt32(index) }
    return bits
  }
}
