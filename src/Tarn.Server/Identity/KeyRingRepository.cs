using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Tarn.Core.Identity;

namespace Tarn.Server.Identity;

/// <summary>Stores Data Protection's key ring in the key-value store, encrypted with the master key.</summary>
internal sealed class KeyRingRepository(KeyRingRows rows) : IXmlRepository
{
    // Data Protection calls this at startup, once a day, and when it creates a key. Its interface is synchronous, so the thread blocks.
#pragma warning disable VSTHRD002
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. rows.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult().Select(text => XElement.Parse(text))];

    public void StoreElement(XElement element, string friendlyName) =>
        rows.StoreAsync(friendlyName, element.ToString(SaveOptions.DisableFormatting), CancellationToken.None).AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
}
