using Tarn.Core.Cache;
using Tarn.Server.Accelerator;
using Tarn.Server.Configuration;

namespace Tarn.Tests.Accelerator;

public sealed class AcceleratorDescriptorsTests
{
    [Theory]
    [InlineData(401, 33, false)]
    [InlineData(500, 33, true)]
    [InlineData(1024, 300, true)]
    [InlineData(65_536, 16_000, false)]
    [InlineData(65_536, 60_000, true)]
    [InlineData(long.MaxValue, 4097, true)]
    public void What_is_given_out_together_fits_into_the_limit(long limit, int files, bool shares)
    {
        AcceleratorDescriptors of = AcceleratorDescriptors.Of(limit, files, shares);
        Assert.InRange(of.CacheFiles + (2 * of.Clients) + (2 * of.Peers) + of.Metrics, 0, limit - 320);
        Assert.True(of.Clients >= 16 && of.Metrics >= 16 && (shares ? of.Peers >= 16 : of.Peers == 0));
        Assert.Equal((of.Limit, of.Clients, of.Metrics), (of.Budget.Limit, of.Budget.S3Connections, of.Budget.ControlConnections));
    }

    [Theory]
    [InlineData(1024, 4096, false)]
    [InlineData(400, 33, true)]
    [InlineData(4096, 3777, false)]
    public void A_limit_that_the_cache_takes_alone_is_refused_and_what_would_do_is_said(long limit, int files, bool shares)
    {
        StartupException refused = Assert.Throws<StartupException>(() => AcceleratorDescriptors.Of(limit, files, shares));
        Assert.Contains($"may open {limit} files", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"needs {files}", refused.Message, StringComparison.Ordinal);
        string enough = refused.Message.Split("LimitNOFILE) to ")[1].Split(' ')[0];
        Assert.NotNull(AcceleratorDescriptors.Of(long.Parse(enough, System.Globalization.CultureInfo.InvariantCulture), files, shares));
    }

    [Theory]
    [InlineData(32L << 20)]
    [InlineData(1L << 30)]
    [InlineData(1L << 40)]
    public void A_caches_files_are_those_of_its_slabs_and_its_lock(long capacity)
    {
        int slabs = new BlockCacheOptions("/", capacity, null, 16L << 20).MaxOpenFiles - 1;
        long file = SlabLayout.For(capacity).FileSize;
        Assert.InRange(capacity, slabs * file, ((slabs + 1) * file) - 1);
    }
}
