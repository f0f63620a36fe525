using Tarn.TestKit.Servers;

namespace Tarn.Backends.Tests.Damage;

/// <summary>Tests of a store that was written and closed, each on a copy of its own.</summary>
public abstract class StoreImageTests : IAsyncLifetime
{
    private protected StoreImage Image { get; private set; } = null!;

    private protected TemporaryDirectory Copy { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Image = await StoreImage.CreateAsync();
        Copy = Image.Clone();
    }

    public ValueTask DisposeAsync()
    {
        Image.Dispose();
        Copy.Dispose();
        GC.SuppressFinalize(this);
        return default;
    }
}
