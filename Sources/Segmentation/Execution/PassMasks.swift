/// Finds which conditions of a pass the rows of a table fulfil, by the classes of their fields.
@safe final class PassMasks {
  /// By row the conditions it fulfils; kernels may read 256 more.
  let masks: Scratch<UInt64>
  private let classes: FieldClasses

  init(_ classes: FieldClasses, rowCountMax: Int) {
    self.classes = classes
    masks = Scratch(count: rowCountMax + 256)
  }

  /// Adds for each profile the conditions of a pass over attributes that it fulfils.
  func unite(
    _ step: PassStep,
    _ room: RowRoom,
    profileCount: Int,
    into united: UnsafeMutablePointer<UInt64>
  ) {
    var index = 0
    while unsafe index + 1 < step.fieldCount {
      unsafe uniteInPlace(
        field(step, room, index),
        field(step, room, index + 1),
        count: profileCount,
        into: united
      )
      index += 2
    }
    if unsafe index < step.fieldCount {
      unsafe uniteInPlace(field(step, room, index), count: profileCount, into: united)
    }
  }

  /// Writes for each row the conditions of a pass that it fulfils.
  func write(_ step: PassStep, _ room: RowRoom) {
    let (fieldCount, count) = unsafe (step.fieldCount, room.rows.count)
    let masks = unsafe masks.pointer
    switch fieldCount {
    case 0: unsafe masks.update(repeating: step.bits, count: count)
    case 1: unsafe Segmentation.masks(field(step, room, 0), count: count, into: masks)
    case 2:
      unsafe Segmentation.masks(
        field(step, room, 0),
        field(step, room, 1),
        count: count,
        into: masks
      )
    default:
      unsafe Segmentation.masks(
        field(step, room, 0),
        field(step, room, 1),
        field(step, room, 2),
        count: count,
        into: masks
      )
    }
    var index = 3
    while index + 1 < fieldCount {
      unsafe intersect(masks, field(step, room, index), field(step, room, index + 1), count: count)
      index += 2
    }
    if index < fieldCount { unsafe intersect(masks, field(step, room, index), count: count) }
  }

  @inline(__always)
  private func field(_ step: PassStep, _ room: RowRoom, _ index: Int) -> ClassMasks {
    unsafe (UnsafePointer(room.classes(step.fields[index])), classes.masks[step.maskTable + index])
  }
}
