/// Vectors of bits, one for each profile of a block: 16 words of 64.
enum BlockVector {
  static let wordCount = 16
  static let bitCount = 1_024
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
  var a = SIMD4<UInt64>(repeating: 0)
  var b = a
  var c = a
  var d = a
  for index in 0..<count {
    let step = unsafe steps[index]
    let vector = unsafe lanes + Int(step.vector) &* 4
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
