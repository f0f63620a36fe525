using Tarn.Core.Lifecycle;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Tests.Lifecycle;

public class LifecycleCodecTests
{
    private static readonly LifecycleConfiguration Everything = LifecycleConfiguration.Create(
        [
            new()
            {
                Id = "a",
                Filter = new() { Prefix = "p/", Tags = Tags("k", "v"), SizeGreaterThan = 0, SizeLessThan = 300, Form = LifecycleFilterForm.And },
                Expiration = new(3),
                NoncurrentExpiration = new(4, 5),
            },
            new()
            {
                Id = "b", Enabled = false, Filter = new() { Prefix = "" },
                Expiration = new(null, new DateTimeOffset(2030, 1, 2, 0, 0, 0, TimeSpan.Zero)), NoncurrentExpiration = new(1), AbortUploadDays = 7,
            },
            new() { Id = "c", Expiration = new(null, null, true) },
            new() { Id = "d", Expiration = new(null, null, false) },
        ],
        TransitionMinimum.VariesByStorageClass);

    /// <summary>What is stored stays readable: these bytes never change.</summary>
    [Fact]
    public void Golden()
    {
        string hex = Convert.ToHexString(Everything.Encode());
        Assert.True(GoldenBytes == hex, hex);
    }

    [Fact]
    public void Reads_what_it_writes()
    {
        LifecycleConfiguration read = LifecycleConfiguration.Decode(Everything.Encode());
        Assert.Equal(Everything.Rules, read.Rules);
        Assert.Equal(Everything.Minimum, read.Minimum);
        Assert.Equal(Everything.Fingerprint, read.Fingerprint);
    }

    [Fact]
    public void Every_date_is_kept()
    {
        foreach (DateTimeOffset date in new[] { DateTimeOffset.MinValue, new(1969, 12, 31, 0, 0, 0, TimeSpan.Zero), new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero) })
        {
            LifecycleConfiguration one = LifecycleConfiguration.Create([new() { Id = "x", Expiration = new(null, date) }]);
            Assert.Equal(date, LifecycleConfiguration.Decode(one.Encode()).Rules[0].Expiration!.Date);
        }
    }

    [Fact]
    public void Newer_records_are_refused() => Assert.Throws<RecordFormatException>(() => LifecycleConfiguration.Decode([2]));

    private const string GoldenBytes = "010201051C03016106010902702F0B0603016B0501760C010EAD02100316041805050F0301620401090012D79D2D16011A070505030163140205050301641401";

    private static TagSet Tags(string key, string value) => TagSet.Create([new(key, value)], TagLimits.Object);
}
