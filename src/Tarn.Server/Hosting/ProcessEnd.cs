namespace Tarn.Server.Hosting;

/// <summary>Ends the process at once, for a second signal.</summary>
/// <param name="Now">Ends the process with the given exit code.</param>
internal sealed record ProcessEnd(Action<int> Now);
