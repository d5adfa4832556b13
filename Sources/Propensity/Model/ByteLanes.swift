#if arch(x86_64)
  private import _Builtin_intrinsics.intel

  /// 32 rows' bytes that are worked on at once.
  typealias ByteLanes = FastByteLanes
#else
  typealias ByteLanes = PlainByteLanes
#endif

/// What is done with 32 bytes at once, by loops: for processors without AVX2, and to hold the fast
/// form against.
package struct PlainByteLanes {
  package static let count = 32

  private var bytes: SIMD32<UInt8>

  @inline(__always) package init(repeating byte: UInt8) { bytes = SIMD32(repeating: byte) }

  /// Reads 32 bytes.
  @inline(__always) package init(_ place: UnsafePointer<UInt8>) {
    bytes = unsafe UnsafeRawPointer(place).loadUnaligned(as: SIMD32<UInt8>.self)
  }

  /// Writes 32 bytes.
  @inline(__always) package func store(_ place: UnsafeMutablePointer<UInt8>) {
    unsafe UnsafeMutableRawPointer(place).storeBytes(of: bytes, as: SIMD32<UInt8>.self)
  }

  /// All ones where the byte less `shift`, wrapping, is at most `limit`, else zero.
  @inline(__always)
  package func isAtMost(_ limit: PlainByteLanes, shift: PlainByteLanes) -> PlainByteLanes {
    var answer = self
    for lane in 0..<Self.count {
      answer.bytes[lane] = bytes[lane] &- shift.bytes[lane] <= limit.bytes[lane] ? 0xFF : 0
    }
    return answer
  }

  /// The bytes of `set` where these are all ones, of `clear` where they are zero.
  @inline(__always)
  package func choose(_ set: PlainByteLanes, _ clear: PlainByteLanes) -> PlainByteLanes {
    var answer = self
    answer.bytes = set.bytes & bytes | clear.bytes & ~bytes
    return answer
  }

  @inline(__always)
  package static func & (left: PlainByteLanes, right: PlainByteLanes) -> PlainByteLanes {
    var answer = left
    answer.bytes &= right.bytes
    return answer
  }

  @inline(__always)
  package static func | (left: PlainByteLanes, right: PlainByteLanes) -> PlainByteLanes {
    var answer = left
    answer.bytes |= right.bytes
    return answer
  }

  @inline(__always) package static prefix func ~ (lanes: PlainByteLanes) -> PlainByteLanes {
    var answer = lanes
    answer.bytes = ~lanes.bytes
    return answer
  }
}

#if arch(x86_64)
  /// What is done with 32 bytes at once, by AVX2.
  package struct FastByteLanes {
    package static let count = 32

    private var bytes: SIMD4<Int64>

    @inline(__always) private init(bytes: SIMD4<Int64>) { self.bytes = bytes }

    @inline(__always) package init(repeating byte: UInt8) {
      bytes = _mm256_set1_epi8(CChar(bitPattern: byte))
    }

    /// Reads 32 bytes.
    @inline(__always) package init(_ place: UnsafePointer<UInt8>) {
      bytes = unsafe UnsafeRawPointer(place).loadUnaligned(as: SIMD4<Int64>.self)
    }

    /// Writes 32 bytes.
    @inline(__always) package func store(_ place: UnsafeMutablePointer<UInt8>) {
      unsafe UnsafeMutableRawPointer(place).storeBytes(of: bytes, as: SIMD4<Int64>.self)
    }

    /// All ones where the byte less `shift`, wrapping, is at most `limit`, else zero.
    @inline(__always)
    package func isAtMost(_ limit: FastByteLanes, shift: FastByteLanes) -> FastByteLanes {
      let moved = _mm256_sub_epi8(bytes, shift.bytes)
      return FastByteLanes(bytes: _mm256_cmpeq_epi8(_mm256_min_epu8(moved, limit.bytes), moved))
    }

    /// The bytes of `set` where these are all ones, of `clear` where they are zero.
    @inline(__always)
    package func choose(_ set: FastByteLanes, _ clear: FastByteLanes) -> FastByteLanes {
      FastByteLanes(bytes: _mm256_blendv_epi8(clear.bytes, set.bytes, bytes))
    }

    @inline(__always)
    package static func & (left: FastByteLanes, right: FastByteLanes) -> FastByteLanes {
      FastByteLanes(bytes: left.bytes & right.bytes)
    }

    @inline(__always)
    package static func | (left: FastByteLanes, right: FastByteLanes) -> FastByteLanes {
      FastByteLanes(bytes: left.bytes | right.bytes)
    }

    @inline(__always) package static prefix func ~ (lanes: FastByteLanes) -> FastByteLanes {
      FastByteLanes(bytes: ~lanes.bytes)
    }
  }
#endif
