/// A value of a file with its place in it, so that whoever finds it wrong can say where.
package struct JSONPlace {
  package let node: JSONNode
  package let file: String
  /// Keys from the outermost in, as in `network.layers.0`.
  package let path: String

  package init(_ node: JSONNode, file: String, path: String = "") {
    self.node = node
    self.file = file
    self.path = path
  }

  /// The error that names this place.
  package func wrong(_ expected: String, hint: String? = nil) -> ModelExchangeError {
    let name = path.isEmpty ? "the file" : path
    let found =
      switch node {
      case .text(let text): "'\(text.prefix(60))'"
      case .number(let digits): String(digits.prefix(60))
      case .flag(let flag): "\(flag)"
      default: node.kindName
      }
    return .damaged(file, "\(name) must be \(expected), but is \(found)", hint: hint)
  }

  /// A member of an object; null counts as absent.
  package func member(_ key: String) throws(ModelExchangeError) -> JSONPlace? {
    guard case .object(let members) = node else { throw wrong("an object") }
    guard let member = members.first(where: { $0.key == key }), member.value != .null else { return nil }
    return JSONPlace(member.value, file: file, path: path.isEmpty ? key : "\(path).\(key)")
  }

  /// A member that must be there.
  package subscript(key: String) -> JSONPlace {
    get throws(ModelExchangeError) {
      if let member = try member(key) { return member }
      throw .damaged(file, "\(path.isEmpty ? key : "\(path).\(key)") is missing")
    }
  }

  /// The elements of a list.
  package func elements() throws(ModelExchangeError) -> [JSONPlace] {
    guard case .list(let nodes) = node else { throw wrong("a list") }
    return nodes.enumerated().map { JSONPlace($1, file: file, path: "\(path).\($0)") }
  }

  package func text() throws(ModelExchangeError) -> String {
    guard case .text(let text) = node else { throw wrong("a text") }
    return text
  }

  package func flag() throws(ModelExchangeError) -> Bool {
    guard case .flag(let flag) = node else { throw wrong("true or false") }
    return flag
  }

  package func whole<Value: FixedWidthInteger>(
    in range: ClosedRange<Value>
  ) throws(ModelExchangeError) -> Value {
    guard case .number(let digits) = node, let value = Value(digits), range.contains(value) else {
      throw wrong("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  package func float() throws(ModelExchangeError) -> Float {
    guard case .number(let digits) = node, let value = Float(digits), value.isFinite else {
      throw wrong("a finite number")
    }
    return value
  }

  package func double() throws(ModelExchangeError) -> Double {
    guard case .number(let digits) = node, let value = Double(digits), value.isFinite else {
      throw wrong("a finite number")
    }
    return value
  }
}
