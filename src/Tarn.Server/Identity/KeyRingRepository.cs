using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Tarn.Core.Identity;

namespace Tarn.Server.Identity;

/// <summary>Gives Data Protection its ring of keys from the key-value store, where the master key encrypts it.</summary>
internal sealed class KeyRingRepository(KeyRingRows rows) : IXmlRepository
{
    // Data Protection asks when it starts, once a day, and when it makes a key: its interface is synchronous, so the thread waits.
#pragma warning disable VSTHRD002
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. rows.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult().Select(text => XElement.Parse(text))];

    public void StoreElement(XElement element, string friendlyName) =>
        rows.StoreAsync(friendlyName, element.ToString(SaveOptions.DisableFormatting), CancellationToken.None).AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
}
