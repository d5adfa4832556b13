/// Vectors of bits, one for each profile of a block.
enum BlockVector {
  static let wordCount = 64
  /// As many as `StoreOptions.blockProfileCountMax`, known where loops over them are compiled.
  static let bitCount = 4_096
}

/// One step of the program over vectors: it works on an accumulator.
struct VectorStep: Sendable {
  enum Operation: UInt8, Sendable {
    case load
    case loadInverse
    case and
    case andInverse
    case store
  }

  var operation: Operation
  var vector: Int32

  init(_ operation: Operation, _ vector: Int) {
    self.operation = operation
    self.vector = Int32(vector)
  }
}

/// Runs the steps over vectors that lie one after the other.
func run(
  _ steps: UnsafePointer<VectorStep>,
  count: Int,
  over vectors: UnsafeMutablePointer<UInt64>
) {
  let lanes = unsafe UnsafeMutableRawPointer(vectors).assumingMemoryBound(to: SIMD4<UInt64>.self)
  // As much of each vector as registers hold.
  for part in stride(from: 0, to: BlockVector.wordCount / 4, by: 4) {
    unsafe runPart(steps, count, over: lanes + part)
  }
}

/// The same for a part of each vector.
private func runPart(
  _ steps: UnsafePointer<VectorStep>,
  _ count: Int,
  over lanes: UnsafeMutablePointer<SIMD4<UInt64>>
) {
  var a = SIMD4<UInt64>(repeating: 0)
  var b = a
  var c = a
  var d = a
  for index in 0..<count {
    let step = unsafe steps[index]
    let vector = unsafe lanes + Int(step.vector) &* (BlockVector.wordCount / 4)
    switch step.operation {
    case .load:
      unsafe a = vector[0]
      unsafe b = vector[1]
      unsafe c = vector[2]
      unsafe d = vector[3]
    case .loadInverse:
      unsafe a = ~vector[0]
      unsafe b = ~vector[1]
      unsafe c = ~vector[2]
      unsafe d = ~vector[3]
    case .and:
      unsafe a &= vector[0]
      unsafe b &= vector[1]
      unsafe c &= vector[2]
      unsafe d &= vector[3]
    case .andInverse:
      unsafe a &= ~vector[0]
      unsafe b &= ~vector[1]
      unsafe c &= ~vector[2]
      unsafe d &= ~vector[3]
    case .store:
      unsafe vector[0] = a
      unsafe vector[1] = b
      unsafe vector[2] = c
      unsafe vector[3] = d
    }
  }
}
