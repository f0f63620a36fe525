using System.Reflection;

namespace Tarn.Server.Telemetry;

/// <summary>The version of the program, as its build names it.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? typeof(ProgramVersion).Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
