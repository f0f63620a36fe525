namespace Tarn.Server.Hosting;

/// <summary>Ends the process at once, for a second signal.</summary>
/// <param name="Now">Is given the exit code.</param>
internal sealed record ProcessEnd(Action<int> Now);
