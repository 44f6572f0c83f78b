import TrainingRuntime

extension RecordValue {
  /// The values as JSON.
  var json: JSONNode {
    switch self {
    case .null: .null
    case .flag(let flag): .flag(flag)
    case .whole(let number): .whole(number)
    case .real(let number): .double(number)
    case .text(let text): .text(text)
    case .list(let values): .list(values.map(\.json))
    case .fields(let fields): .object(fields.map { JSONNode.Member($0.name, $0.value.json) })
    }
  }

  /// The values of JSON; digits that are a whole number are one.
  init(_ node: JSONNode) {
    switch node {
    case .null: self = .null
    case .flag(let flag): self = .flag(flag)
    case .number(let digits): self = Int(digits).map { .whole($0) } ?? .real(Double(digits) ?? .nan)
    case .text(let text): self = .text(text)
    case .list(let nodes): self = .list(nodes.map(RecordValue.init))
    case .object(let members): self = .fields(members.map { Field($0.key, RecordValue($0.value)) })
    }
  }
}
