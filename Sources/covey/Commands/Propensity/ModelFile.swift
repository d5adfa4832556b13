import Bytes
import Domain
import Platform
import Propensity
import Segmentation

/// A model in a file, and the plan of its features in the file `features` beside it.
///
/// The model is one of Covey's, or a text of LightGBM's with a file `columns.json` that says what its
/// columns are; 'covey propensity export' writes both. A text without these is one that LightGBM wrote:
/// its columns are attributes of their names, and categories those that pandas had.
struct ModelFile {
  static let modelName = "model"
  static let lightGBMName = "model.txt"
  static let featuresName = "features"
  static let columnsName = "columns.json"
  static let instanceName = "instance.json"
  private static let byteCountMax = 256 << 20

  let model: PropensityModel
  /// The model's file as it was read.
  let bytes: [UInt8]
  let plan: [UInt8]

  init(_ path: String) throws {
    bytes = try Self.read(path)
    let features = Self.file(Self.featuresName, beside: path)
    let hasFeatures = LinuxDisk().exists(features)
    guard bytes.starts(with: "tree".utf8) else {
      do throws(ModelError) {
        model = try PropensityModel(decoding: bytes)
      } catch {
        throw CommandFailure(.data, "'\(path)': \(error)")
      }
      guard hasFeatures else {
        throw CommandFailure(
          .noInput,
          "there is no '\(features)', which says what is measured of a profile",
          next: "copy it with the model: 'covey propensity train' and 'export' write both"
        )
      }
      plan = try Self.read(features)
      return
    }
    let columns = try Self.columns(of: bytes, path)
    do throws(LightGBMError) {
      model = try PropensityModel(lightGBM: bytes, columns: columns)
    } catch {
      throw CommandFailure(.data, "'\(path)': \(error)")
    }
    plan = try hasFeatures ? Self.read(features) : Self.plan(of: columns, path)
  }

  /// What the columns of a LightGBM model are, by the file beside it, else by its own text.
  private static func columns(of bytes: [UInt8], _ path: String) throws -> [LightGBMFeature] {
    let file = self.file(columnsName, beside: path)
    if LinuxDisk().exists(file) { return try ModelColumns.read(read(file), from: file) }
    do throws(LightGBMError) {
      return try LightGBMFeature.columns(of: bytes)
    } catch {
      let next: String? =
        if case .otherCategories(let feature, _) = error {
          "say so in '\(file)': {\"columns\": [{\"name\": \"\(feature)\", \"categories\": [\"…\"]}, …]}"
        } else {
          nil
        }
      throw CommandFailure(.data, "'\(path)': \(error)", next: next)
    }
  }

  /// Columns as attributes of their names.
  private static func plan(
    of columns: [LightGBMFeature],
    _ path: String
  ) throws(CommandFailure) -> [UInt8] {
    var attributes: [FeaturePlan.AttributeColumn] = []
    for column in columns {
      guard let names = FieldProjection(column.name)?.names else {
        throw CommandFailure(.data, "'\(path)': column '\(column.name)' is no way to a field")
      }
      attributes.append(
        FeaturePlan.AttributeColumn(
          name: column.name,
          path: names,
          isCategory: column.categories != nil
        )
      )
    }
    var writer = ByteWriter()
    FeaturePlan(of: attributes).encode(into: &writer)
    return writer.bytes
  }

  private static func read(_ path: String) throws -> [UInt8] {
    try StreamInput(path).readAll(byteCountMax: byteCountMax)
  }

  /// The instance that a model is of, where its file is there.
  static func instance(beside model: String) throws -> Value? {
    try Value.parse(json: read(file(instanceName, beside: model)))
  }

  private static func file(_ name: String, beside model: String) -> String {
    guard let slash = model.lastIndex(of: "/") else { return name }
    return String(model[...slash]) + name
  }
}

/// What the columns of a LightGBM model are, as a JSON file.
enum ModelColumns {
  static func json(_ columns: [LightGBMFeature]) -> [UInt8] {
    let columns = columns.map { column in
      var members: [(Text, Value)] = [("name", .string(column.name))]
      if let categories = column.categories {
        members.append(("categories", .array(categories.map { .string($0) })))
      }
      return Value.object(members)
    }
    return Value.object([("columns", .array(columns))]).json(.pretty) + [0x0A]
  }

  static func read(_ bytes: [UInt8], from path: String) throws(CommandFailure) -> [LightGBMFeature]
  {
    let document: Value?
    do throws(JSONError) {
      document = try Value.parse(json: bytes)
    } catch {
      throw CommandFailure(.data, "'\(path)': \(error)")
    }
    func failure(_ place: String, _ expected: String) -> CommandFailure {
      CommandFailure(.data, "'\(path)': the field '\(place)' has to be \(expected)")
    }
    guard let columns = document?["columns"]?.elements else {
      throw failure("columns", "a list of objects with a 'name' each")
    }
    var features: [LightGBMFeature] = []
    for (index, column) in columns.enumerated() {
      guard let name = column["name"]?.text else {
        throw failure("columns[\(index)].name", "a text")
      }
      var feature = LightGBMFeature(name: name)
      if let value = column["categories"] {
        let texts = value.elements?.compactMap(\.text)
        guard let texts, texts.count == value.elements?.count else {
          throw failure("columns[\(index)].categories", "a list of texts")
        }
        feature.categories = texts
      }
      features.append(feature)
    }
    return features
  }
}
