@main
struct FascicleCommand {
  static func main() {}
}
