namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>
/// Looks at one thing on which a server depends. It may run beside a server: it takes no lock that a server wants, binds no port and writes nothing. A new one is a class in this folder and a line in
/// <see cref="AllChecks"/>.
/// </summary>
internal interface ICheck : ICheck<Examined>;

/// <summary>Looks at one thing on which a process depends.</summary>
/// <typeparam name="T">What is examined.</typeparam>
internal interface ICheck<in T>
{
    /// <summary>What it looks at, in one or two words.</summary>
    string Name { get; }

    /// <exception cref="IOException">Something could not be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be read by this user.</exception>
    Task<IReadOnlyList<Finding>> RunAsync(T examined, CancellationToken cancellationToken);
}
