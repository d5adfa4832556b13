/// How the process's memory allocator deals with large blocks.
package enum Allocator {
  /// Blocks below this come from memory that is kept for the next one.
  private static let keptBlockByteCount: Int32 = 4 << 20
  /// Free memory beyond this, at the end of what the allocator holds, goes back to the system.
  private static let keptByteCount: Int32 = 32 << 20

  /// `M_TRIM_THRESHOLD` and `M_MMAP_THRESHOLD` of `<malloc.h>`.
  private static let trimThreshold: Int32 = -1
  private static let mapThreshold: Int32 = -3

  /// Keeps the memory of frames and batches for the next ones.
  ///
  /// By itself the C library takes every block of more than 128 KiB from the system and gives it back:
  /// clearing its pages again and again costs as much as encrypting what stands in them. To be called
  /// before there are threads.
  package static func keepLargeBlocks() {
    _ = setAllocatorOption(mapThreshold, keptBlockByteCount)
    _ = setAllocatorOption(trimThreshold, keptByteCount)
  }
}

extension Allocator {
  /// Gives the system back what is free; worth its time after work that is not soon done again.
  package static func trim() { _ = trimAllocator(0) }
}

/// `malloc_trim` of the C library, whose header the module Glibc leaves out.
@_silgen_name("malloc_trim")
private func trimAllocator(_ keptByteCount: Int) -> Int32

/// `mallopt` of the C library, whose header the module Glibc leaves out.
@_silgen_name("mallopt")
private func setAllocatorOption(_ option: Int32, _ value: Int32) -> Int32
