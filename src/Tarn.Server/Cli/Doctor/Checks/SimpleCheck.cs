namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>A check that waits for nothing.</summary>
internal abstract class SimpleCheck : SimpleCheck<Examined>, ICheck;

/// <summary>A check that waits for nothing.</summary>
/// <typeparam name="T">What is examined.</typeparam>
internal abstract class SimpleCheck<T> : ICheck<T>
{
    public abstract string Name { get; }

    public Task<IReadOnlyList<Finding>> RunAsync(T examined, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([.. Look(examined)]);

    protected abstract IEnumerable<Finding> Look(T examined);
}
