namespace Tarn.Server.Cli.Doctor.Checks;

/// <summary>A check that waits for nothing.</summary>
internal abstract class SimpleCheck : ICheck
{
    public abstract string Name { get; }

    public Task<IReadOnlyList<Finding>> RunAsync(Examined examined, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([.. Look(examined)]);

    protected abstract IEnumerable<Finding> Look(Examined examined);
}
