using Tarn.Core.Lifecycle;
using Tarn.Core.Records;

namespace Tarn.Tests.Lifecycle;

public class LifecycleCursorTests
{
    /// <summary>What is stored stays readable: these bytes never change.</summary>
    [Fact]
    public void Golden()
    {
        var cursor = new LifecycleCursor { Started = 300, Fingerprint = 2, Phase = LifecyclePhase.Uploads, Position = [0xAA, 0] };
        Assert.Equal("0102AC020402060109" + "02AA00", Convert.ToHexString(cursor.Encode()));
        LifecycleCursor read = LifecycleCursor.Decode(cursor.Encode());
        Assert.Equal((300, 2UL, LifecyclePhase.Uploads), (read.Started, read.Fingerprint, read.Phase));
        Assert.Equal(cursor.Position, read.Position);
        Assert.Throws<RecordFormatException>(() => LifecycleCursor.Decode([2]));
        Assert.Equal([0, 1, 2], Enum.GetValues<LifecyclePhase>().Select(p => (int)p));
    }
}
