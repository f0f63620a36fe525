using Tarn.Core.Objects.Integrity;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/damaged</c>.</summary>
internal sealed class DamagedEndpoints(DamageList damage)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder damaged = api.MapGroup("/api/damaged").WithTags("Damaged objects");
        damaged.MapGet("", ListAsync).WithName("ListDamaged").ForServerAdministrator().WithPaging();
    }

    /// <summary>Lists objects and parts of uploads in progress of which stored data is damaged or missing.</summary>
    public async Task<Data<DamagedList>> ListAsync(ControlRequest request)
    {
        var page = new List<DamagedView>();
        byte[]? last = null;
        int limit = request.Limit();
        await foreach ((byte[] place, DamagedObject found) in damage.ListAsync(Place(request.Cursor()), request.CancellationToken))
        {
            if (page.Count == limit)
            {
                return new(new DamagedList(page, Convert.ToHexStringLower(last!)));
            }

            page.Add(DamagedView.Of(found));
            last = place;
        }

        return new(new DamagedList(page, null));
    }

    private static byte[]? Place(string? cursor)
    {
        try
        {
            return cursor is null ? null : Convert.FromHexString(cursor);
        }
        catch (FormatException)
        {
            throw ControlRefusalException.BadRequest("the cursor is not from a previous answer");
        }
    }
}
