namespace Hospes.Host.Api.Listeners;

/// <summary>By which way a request has come, and so what it may ask for.</summary>
internal enum ApiInterface
{
    /// <summary>xend.sock: everything.</summary>
    Socket,

    /// <summary>HTTP on TCP or on xend-unix-path: the HTTP and SXP interface, and the JSON one.</summary>
    Http,

    /// <summary>Where the xm of old asks: XML-RPC, and the JSON interface for the xm of today.</summary>
    XmlRpc,
}
