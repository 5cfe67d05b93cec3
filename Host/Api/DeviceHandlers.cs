using System.Globalization;
using Hospes.Host.Devices;
using Hospes.Host.Domains;

namespace Hospes.Host.Api;

/// <summary>Answers to requests about devices.</summary>
internal sealed class DeviceHandlers(DomainTable table, DomainOperations operations, DeviceManager devices)
{
    public Task ListAsync(HttpContext context)
    {
        string wanted = (string)context.Request.RouteValues["class"]!;
        string reference = context.DomainReference();
        IReadOnlyList<DeviceInfo> all = DomainTable.IsDomain0(reference)
            ? []
            : [.. table.Find(reference).Devices.Where(device => device.Address.Class == wanted).Select(Describe)];
        return context.WriteJsonAsync(all, ApiJson.Default.IReadOnlyListDeviceInfo);
    }

    public async Task AttachAsync(HttpContext context)
    {
        Device device = await operations.AttachDeviceAsync(context.DomainReference(), await context.ReadTextAsync(), context.RequestAborted);
        await context.WriteJsonAsync(Describe(device), ApiJson.Default.DeviceInfo);
    }

    public async Task ConfigureAsync(HttpContext context)
    {
        await operations.ConfigureDeviceAsync(context.DomainReference(), await context.ReadTextAsync(), context.RequestAborted);
        await context.WriteDoneAsync();
    }

    private DeviceInfo Describe(Device device)
    {
        (IReadOnlyDictionary<string, string> front, IReadOnlyDictionary<string, string> back) = devices.Nodes(device);
        return new DeviceInfo
        {
            Id = device.Address.Id,
            Class = device.Configuration.BackendClass,
            Name = device.Configuration.Name,
            BackendId = 0,
            Handle = Number(front, "handle", 0),
            State = Number(front, "state", -1),
            BackendPath = device.BackPath,
            Front = front,
            Back = back,
        };
    }

    private static int Number(IReadOnlyDictionary<string, string> nodes, string name, int missing) =>
        int.TryParse(nodes.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : missing;
}
