using System.Globalization;
using Tarn.Core.Acceleration;
using Tarn.Server.Accelerator;

namespace Tarn.Tests.Accelerator;

public sealed class OwnerCountsTests
{
    [Fact]
    public void Bytes_are_of_their_owner_and_of_all_others_together_where_there_are_too_many()
    {
        var counts = new OwnerCounts();
        counts.Add("a", 5);
        counts.Add("a", 6);
        counts.Add("b", 0);
        Assert.Equal([new OwnerHits("a", 11)], counts.All);
        counts.Add(null, 3);
        for (int i = 0; i < 1000; i++)
        {
            counts.Add(i.ToString(CultureInfo.InvariantCulture), 1);
        }

        counts.Add("a", 1);
        IReadOnlyList<OwnerHits> all = counts.All;
        Assert.Equal(AcceleratorRegistration.MaxOrganizations, all.Count);
        Assert.Equal(12 + 3 + 1000, all.Sum(static each => each.Bytes));
        Assert.Equal(12, all.Single(static each => each.Owner == "a").Bytes);
        Assert.Equal(3 + 1000 - (AcceleratorRegistration.MaxOrganizations - 2), all.Single(static each => each.Owner is null).Bytes);
    }
}
